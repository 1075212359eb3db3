package dev.heddle.resp;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Tells the lines of an HTTP request from those of a RESP client. */
final class HttpTraits {
    private static final String POST = "post";
    private static final String HOST = "host:";
    /** A line that ends in a version, as in {@code HTTP/1.1}, or begins with POST or the field Host; in any case. */
    private static final Pattern HEAD = Pattern.compile("(?is).*\\sHTTP/[0-9.]+\\s*|\\s*(POST(\\s.*)?|Host:.*)");

    private HttpTraits() {}

    /** Tells whether the line belongs to an HTTP request's head. */
    static boolean inLine(byte[] bytes, int from, int to) {
        return HEAD.matcher(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)).matches();
    }

    /** Tells whether a request's first word is POST or begins with {@code Host:}, in any case. */
    static boolean inWord(byte[] word) {
        return word.length == POST.length() && startsWith(word, POST) || startsWith(word, HOST);
    }

    private static boolean startsWith(byte[] word, String lowerCase) {
        int same = 0; // no string: this is asked of every request
        while (same < Math.min(word.length, lowerCase.length())
                && Character.toLowerCase(word[same]) == lowerCase.charAt(same)) {
            same++;
        }
        return same == lowerCase.length();
    }
}
