package dev.heddle.resp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits the line of an inline request into its words, as {@code sdssplitargs} of Redis does: blanks between words,
 * double quotes with escapes, single quotes with {@code \'} only. Unlike Redis, it takes a NUL byte as a normal
 * character.
 */
final class InlineWords {
    static final String UNBALANCED = "Protocol error: unbalanced quotes in request";

    private final byte[] line;
    private final int end;
    private int position;
    private int written; // words are unescaped in place: they never grow

    private InlineWords(byte[] line, int from, int to) {
        this.line = line;
        position = from;
        end = to;
    }

    /**
     * Returns the words of the line from {@code from} to before {@code to}; none of a blank line. Overwrites the line.
     * May stop early once there are more words than {@code maxWords}.
     *
     * @throws ProtocolException when a quote is not closed, or is followed by anything but a blank
     */
    static List<byte[]> split(byte[] line, int from, int to, int maxWords) throws ProtocolException {
        InlineWords words = new InlineWords(line, from, to);
        List<byte[]> found = new ArrayList<>();
        while (words.skipBlanks() && found.size() <= maxWords) {
            found.add(words.next());
        }
        return found;
    }

    private boolean skipBlanks() {
        while (position < end && isSpace(line[position])) {
            position++;
        }
        return position < end;
    }

    private byte[] next() throws ProtocolException {
        int start = position;
        written = start;
        while (position < end) {
            byte b = line[position++];
            if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
                break;
            }
            if (b == '"' || b == '\'') {
                quoted(b);
                break; // a closing quote ends the word, an opening one need not begin it
            }
            line[written++] = b;
        }
        return Arrays.copyOfRange(line, start, written);
    }

    private void quoted(byte quote) throws ProtocolException {
        while (position < end) {
            byte b = line[position++];
            if (b == quote) {
                requireBlank();
                return;
            }
            boolean escapes = b == '\\' && position < end && (quote == '"' || line[position] == '\'');
            line[written++] = escapes ? escaped() : b;
        }
        throw new ProtocolException(UNBALANCED);
    }

    private byte escaped() {
        byte b = line[position++];
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            case 'x' -> hex(b);
            default -> b;
        };
    }

    private byte hex(byte notHex) {
        if (end - position < 2) {
            return notHex;
        }
        int high = Character.digit(line[position], 16);
        int low = Character.digit(line[position + 1], 16);
        if (high < 0 || low < 0) {
            return notHex;
        }
        position += 2;
        return (byte) (high << 4 | low);
    }

    private void requireBlank() throws ProtocolException {
        if (position < end && !isSpace(line[position])) {
            throw new ProtocolException(UNBALANCED);
        }
    }

    /** Tells whether a byte is a blank, as {@code isspace} does in the C locale. */
    static boolean isSpace(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }
}
