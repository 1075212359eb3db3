package dev.heddle.service;

import dev.heddle.command.SignalOutcome;

/** What becomes of the command that a client is attached to; told on its threads. */
public interface AttachmentEvents {
    /**
     * The program runs.
     *
     * @param inputBytes how much the client may send at first
     */
    void started(String id, int inputBytes);

    /** The client may send so much more. May wait while the client does not read. */
    void credit(int bytes) throws InterruptedException;

    /** The program takes nothing more from its stdin. May wait while the client does not read. */
    void inputClosed() throws InterruptedException;

    /** A signal that came before the start has been sent. */
    void signaled(String name, SignalOutcome outcome);
}
