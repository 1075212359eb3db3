package dev.heddle.resp;

/** Reads numbers as strictly as Valkey's {@code string2ll}: no plus, no leading zeros, no blanks. */
final class StrictNumber {
    private StrictNumber() {}

    /** Throws the error when the bytes from {@code from} to before {@code to} are not a whole number of 64 bits. */
    static long parse(byte[] bytes, int from, int to, String error) throws ProtocolException {
        boolean negative = from < to && bytes[from] == '-';
        int first = negative ? from + 1 : from;
        if (first == to || bytes[first] == '0' && to - from > 1) {
            throw new ProtocolException(error);
        }
        long value = 0; // at or below zero, as Long.MIN_VALUE has no positive counterpart
        for (int i = first; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                throw new ProtocolException(error);
            }
            value = value * 10 - digit;
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw new ProtocolException(error);
        }
        return negative ? value : -value;
    }
}
