package dev.heddle.access;

import java.util.regex.Pattern;

/** Quotes a text as one word of a POSIX shell, for lines that people copy. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private ShellWord() {}

    /** Returns the text itself if no character of it means anything to a shell, otherwise the text in single quotes. */
    public static String quote(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
