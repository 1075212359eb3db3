package dev.heddle.command;

/** How a command ended, and whether processes of it run on, because the kernel refused to kill them. */
public record CommandEnd(Outcome outcome, Usage usage, boolean leftRunning) {
    /** The end of a command that was cancelled before its program was started. */
    public static final CommandEnd NEVER_STARTED = new CommandEnd(new Outcome.Cancelled(), Usage.NONE, false);
}
