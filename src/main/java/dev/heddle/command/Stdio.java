package dev.heddle.command;

/** What the standard streams of a command are connected to. */
public sealed interface Stdio {
    /** Pipes, one for each stream. Without one stdin is {@code /dev/null}; merged, stderr writes into stdout's pipe. */
    record Pipes(boolean stdin, boolean merged) implements Stdio {}

    /** A terminal of this size for all three streams; it is the controlling terminal of the command's session. */
    record Terminal(int columns, int rows) implements Stdio {
        public static final int MAX_SIZE = 10_000;

        public Terminal {
            if (columns < 1 || columns > MAX_SIZE || rows < 1 || rows > MAX_SIZE) {
                throw new IllegalArgumentException("a terminal has 1 to " + MAX_SIZE + " columns and rows, not "
                        + columns + " and " + rows);
            }
        }
    }
}
