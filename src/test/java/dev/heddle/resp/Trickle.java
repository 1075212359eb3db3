package dev.heddle.resp;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An input that arrives in pieces, as networks deliver it, and then ends; it counts what was taken. */
final class Trickle extends InputStream {
    private final byte[] bytes;
    private final int[] borders; // no read goes across one
    private int position;

    private Trickle(byte[] bytes, int[] borders) {
        this.bytes = bytes;
        this.borders = borders;
    }

    /** Everything at once. */
    static Trickle of(String latin1) {
        return new Trickle(bytes(latin1), new int[0]);
    }

    static Trickle of(byte[] bytes) {
        return new Trickle(bytes, new int[0]);
    }

    /** So many bytes at most in each read. */
    static Trickle inSteps(byte[] bytes, int step) {
        int[] borders = new int[bytes.length / step];
        Arrays.setAll(borders, i -> (i + 1) * step);
        return new Trickle(bytes, borders);
    }

    /** In two parts. */
    static Trickle splitAt(byte[] bytes, int border) {
        return new Trickle(bytes, new int[] {border});
    }

    /** One char a byte, so that tests can write any byte as text. */
    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    int taken() {
        return position;
    }

    @Override
    public int read() {
        throw new AssertionError("byte by byte is slow on a socket");
    }

    @Override
    public int read(byte[] target, int from, int length) {
        if (length == 0) {
            throw new AssertionError("a read without room");
        }
        if (position == bytes.length) {
            return -1;
        }
        int found = Arrays.binarySearch(borders, position + 1);
        int next = found < 0 ? -found - 1 : found;
        int border = next < borders.length ? Math.min(borders[next], bytes.length) : bytes.length;
        int count = Math.min(length, border - position);
        System.arraycopy(bytes, position, target, from, count);
        position += count;
        return count;
    }
}
