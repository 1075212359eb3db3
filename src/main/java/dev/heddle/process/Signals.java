package dev.heddle.process;

/** The numbers of the signals that end commands; the same on every system Heddle runs on, see {@code signal(7)}. */
public final class Signals {
    public static final int KILL = 9;
    public static final int TERM = 15;

    private Signals() {}
}
