package dev.heddle.face.ready;

/**
 * Tells from the first line of a connection, or of a command, whether its sender speaks another protocol. Takes the
 * bytes in pieces of any size and keeps none of them.
 *
 * <p><b>Threading:</b> belongs to the thread that reads the connection.
 */
final class ProtocolSniffer {
    enum Verdict {
        /** Nothing yet, or what may still become a request of another protocol. */
        UNDECIDED,
        COMMAND,
        /** {@code word target HTTP/}, RFC 9112, 3: with any method, because programs may be made to send any. */
        HTTP,
        /** The record that a ClientHello comes in, RFC 8446, 5.1. */
        TLS,
        /** The head of a request of a Redis client, which begins with its password. */
        RESP
    }

    private static final byte TLS_HANDSHAKE = 0x16;
    private static final String VERSION = "http/";
    private static final int VERSION_WORD = 3;

    /** How much of {@code *<digits>\r\n} has come. */
    private enum RespHead { NONE, STAR, DIGITS, CARRIAGE_RETURN }

    private Verdict verdict = Verdict.UNDECIDED;
    private int words; // that have begun
    private boolean inWord;
    private int versionBytes; // of VERSION, that the third word has
    private RespHead respHead = RespHead.NONE;

    /** Takes the next bytes. A verdict other than {@code UNDECIDED} is final. */
    Verdict feed(byte[] bytes) {
        for (int i = 0; i < bytes.length && verdict == Verdict.UNDECIDED; i++) {
            verdict = next(bytes[i]);
        }
        return verdict;
    }

    private Verdict next(byte b) {
        if (words == 0 && b == TLS_HANDSHAKE) {
            return Verdict.TLS;
        }
        respHead = nextOfResp(b);
        if (b == '\n') {
            return respHead == RespHead.CARRIAGE_RETURN ? Verdict.RESP
                    : words == 0 ? Verdict.UNDECIDED : Verdict.COMMAND;
        }
        if (isBlank(b)) {
            inWord = false;
            return words < VERSION_WORD ? Verdict.UNDECIDED : Verdict.COMMAND;
        }
        if (!inWord) {
            inWord = true;
            words++;
        }
        return words < VERSION_WORD ? Verdict.UNDECIDED : nextOfVersion(b);
    }

    private Verdict nextOfVersion(byte b) {
        if (Character.toLowerCase(b) != VERSION.charAt(versionBytes)) {
            return Verdict.COMMAND;
        }
        versionBytes++;
        return versionBytes == VERSION.length() ? Verdict.HTTP : Verdict.UNDECIDED;
    }

    private RespHead nextOfResp(byte b) {
        return switch (respHead) {
            case NONE -> words == 0 && b == '*' ? RespHead.STAR : RespHead.NONE;
            case STAR -> b >= '0' && b <= '9' ? RespHead.DIGITS : RespHead.NONE;
            case DIGITS -> b >= '0' && b <= '9' ? RespHead.DIGITS
                    : b == '\r' ? RespHead.CARRIAGE_RETURN : RespHead.NONE;
            case CARRIAGE_RETURN -> b == '\n' ? RespHead.CARRIAGE_RETURN : RespHead.NONE;
        };
    }

    /** What may separate the words of a request line, RFC 9112, 3. */
    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == 0x0b || b == '\f';
    }
}
