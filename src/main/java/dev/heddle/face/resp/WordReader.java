package dev.heddle.face.resp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/** Reads words of requests as what they stand for: text, names in any case, numbers. */
final class WordReader {
    /** Of a word as text: names, numbers and addresses are shorter, and nothing else becomes text. */
    static final int MAX_TEXT_BYTES = 4096;
    /** Of all numbers in requests: a client that writes more digits has made a mistake. */
    static final long MAX_NUMBER = 999_999_999_999_999_999L;
    /** Stands for "no limit", and is the longest time that a request may name. */
    static final Duration UNBOUNDED = Duration.ofDays(365);

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final int MAX_OPTION_BYTES = 1024;

    private WordReader() {}

    /** A word as text, cut after 4096 bytes. Invalid UTF-8 is replaced: the text is fit for names, not for data. */
    static String text(byte[] word) {
        return new String(word, 0, Math.min(word.length, MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    }

    /** A word with a character for each byte, cut where options, numbers and IDs have ended. */
    static String latin(byte[] word) {
        return new String(word, 0, Math.min(word.length, MAX_OPTION_BYTES), StandardCharsets.ISO_8859_1);
    }

    /** Whether a word is this ASCII name, in any case. */
    static boolean is(byte[] word, String name) {
        return word.length == name.length() && text(word).equalsIgnoreCase(name);
    }

    /**
     * Reads a number.
     *
     * @param what as the message calls it
     * @throws SyntaxException when the word is not a number, or out of bounds
     */
    static long number(String what, byte[] digits, long min, long max) throws SyntaxException {
        String text = latin(digits);
        long number = NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (number < min || number > max) {
            throw SyntaxException.of(what + " is a number from " + min + " to " + max + ", not '" + text + "'");
        }
        return number;
    }

    /** Reads a time in milliseconds. */
    static Duration millis(String what, byte[] digits, long min) throws SyntaxException {
        return Duration.ofMillis(number(what, digits, min, UNBOUNDED.toMillis()));
    }
}
