package dev.heddle.command;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Signals by number and by name, see {@code signal(7)}. The numbers are those of Linux on x86-64 and aarch64; the
 * ones that POSIX has are the same everywhere, but for USR1, USR2, CHLD, CONT, STOP, TSTP and their like.
 */
public final class Signals {
    public static final int INT = 2;
    public static final int KILL = 9;
    public static final int TERM = 15;

    private static final int MAX_NUMBER = 64; // the last of the real-time signals
    private static final Map<String, Integer> BY_NAME = Map.ofEntries(Map.entry("HUP", 1), Map.entry("INT", INT),
            Map.entry("QUIT", 3), Map.entry("ILL", 4), Map.entry("TRAP", 5), Map.entry("ABRT", 6),
            Map.entry("BUS", 7), Map.entry("FPE", 8), Map.entry("KILL", KILL), Map.entry("USR1", 10),
            Map.entry("SEGV", 11), Map.entry("USR2", 12), Map.entry("PIPE", 13), Map.entry("ALRM", 14),
            Map.entry("TERM", TERM), Map.entry("CHLD", 17), Map.entry("CONT", 18), Map.entry("STOP", 19),
            Map.entry("TSTP", 20), Map.entry("TTIN", 21), Map.entry("TTOU", 22), Map.entry("URG", 23),
            Map.entry("XCPU", 24), Map.entry("XFSZ", 25), Map.entry("VTALRM", 26), Map.entry("PROF", 27),
            Map.entry("WINCH", 28), Map.entry("IO", 29), Map.entry("PWR", 30), Map.entry("SYS", 31));

    private Signals() {}

    /** The number of a signal given as {@code INT}, {@code SIGINT}, {@code int} or {@code 2}; empty if there is none. */
    public static OptionalInt parse(String text) {
        if (text.matches("[0-9]{1,2}")) {
            int number = Integer.parseInt(text);
            return number >= 1 && number <= MAX_NUMBER ? OptionalInt.of(number) : OptionalInt.empty();
        }
        String name = text.toUpperCase(Locale.ROOT);
        Integer number = BY_NAME.get(name.startsWith("SIG") ? name.substring(3) : name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
