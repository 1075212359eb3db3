package dev.heddle.service;

import dev.heddle.memory.CommandResult;

/**
 * A result in the hands of somebody who sends it, and closes this then: its memory stays counted so long.
 *
 * @param result  not to be closed by the holder
 * @param release run once, by {@link #close}
 */
public record HeldResult(CommandResult result, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
        release.run();
    }
}
