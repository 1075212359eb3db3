package dev.heddle.resp;

import java.nio.charset.StandardCharsets;

/** Tells the lines of an HTTP request from those of a RESP client. */
final class HttpTraits {
    private static final byte[] POST = ascii("post");
    private static final byte[] HOST = ascii("host:");
    private static final byte[] VERSION = ascii("http/");

    private HttpTraits() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Tells whether the line belongs to an HTTP request's head: its first line, or the field Host. */
    static boolean inLine(byte[] bytes, int from, int to) {
        if (endsInVersion(bytes, from, to)) {
            return true;
        }
        int start = from;
        while (start < to && InlineWords.isSpace(bytes[start])) {
            start++;
        }
        int end = start;
        while (end < to && !InlineWords.isSpace(bytes[end])) {
            end++;
        }
        return inWord(bytes, start, end);
    }

    /** Tells whether the last word, after another one, is a version: {@code HTTP/1.1}, in any case. */
    private static boolean endsInVersion(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && InlineWords.isSpace(bytes[end - 1])) {
            end--;
        }
        int start = end;
        while (start > from && (bytes[start - 1] >= '0' && bytes[start - 1] <= '9' || bytes[start - 1] == '.')) {
            start--;
        }
        int version = start - VERSION.length;
        return start < end && version > from && InlineWords.isSpace(bytes[version - 1])
                && matches(VERSION, bytes, version);
    }

    /** Tells whether a request's first word is POST or begins with {@code Host:}, in any case. */
    static boolean inWord(byte[] bytes, int from, int to) {
        return to - from == POST.length && matches(POST, bytes, from)
                || to - from >= HOST.length && matches(HOST, bytes, from);
    }

    /** Compares without regard to case. */
    private static boolean matches(byte[] expected, byte[] bytes, int from) {
        for (int i = 0; i < expected.length; i++) {
            byte b = bytes[from + i];
            if (b != expected[i] && !(b >= 'A' && b <= 'Z' && (b | 0x20) == expected[i])) {
                return false;
            }
        }
        return true;
    }
}
