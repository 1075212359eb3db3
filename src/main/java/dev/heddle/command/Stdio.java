package dev.heddle.command;

/** What the standard streams of a command are connected to. */
public sealed interface Stdio {
    /**
     * Pipes, one for each stream.
     *
     * @param stdin  true for a pipe, false for {@code /dev/null}
     * @param merged true to let stderr write into stdout's pipe
     */
    record Pipes(boolean stdin, boolean merged) implements Stdio {}

    /**
     * A terminal of this size for all three streams; it is the controlling terminal of the command's session.
     *
     * @param columns 1 to {@link #MAX_SIZE}
     * @param rows    1 to {@link #MAX_SIZE}
     */
    record Terminal(int columns, int rows) implements Stdio {
        /** The most columns, and the most rows. */
        public static final int MAX_SIZE = 10_000;

        public Terminal {
            if (columns < 1 || columns > MAX_SIZE || rows < 1 || rows > MAX_SIZE) {
                throw new IllegalArgumentException("a terminal has 1 to " + MAX_SIZE + " columns and rows, not "
                        + columns + " and " + rows);
            }
        }
    }
}
