package dev.heddle.resp;

import java.nio.charset.StandardCharsets;

/** Tells the lines of an HTTP request from those of a RESP client. */
final class HttpTraits {
    private static final byte[] POST = ascii("post");
    private static final byte[] HOST = ascii("host:");
    private static final byte[][] VERSIONS = {ascii(" HTTP/1.1"), ascii(" HTTP/1.0"), ascii(" HTTP/2.0")};

    private HttpTraits() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the line is one of an HTTP request's head: its first one, or the field Host. */
    static boolean inLine(byte[] bytes, int from, int to) {
        for (byte[] version : VERSIONS) {
            int start = to - version.length;
            if (start >= from && matches(version, bytes, start, false)) {
                return true;
            }
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

    /** Whether a request's first word is POST or begins with {@code Host:}, in any case. */
    static boolean inWord(byte[] bytes, int from, int to) {
        return to - from == POST.length && matches(POST, bytes, from, true)
                || to - from >= HOST.length && matches(HOST, bytes, from, true);
    }

    private static boolean matches(byte[] expected, byte[] bytes, int from, boolean anyCase) {
        for (int i = 0; i < expected.length; i++) {
            byte b = bytes[from + i];
            if (b != expected[i] && !(anyCase && b >= 'A' && b <= 'Z' && (b | 0x20) == expected[i])) {
                return false;
            }
        }
        return true;
    }
}
