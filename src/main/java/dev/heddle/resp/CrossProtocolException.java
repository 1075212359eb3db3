package dev.heddle.resp;

/**
 * The peer speaks another protocol. Perhaps it does not know to whom: a web page can make a browser on this
 * machine send lines that are commands here, behind the lines of HTTP that give it away. So the connection is
 * closed at once, unanswered, as Redis does.
 */
public final class CrossProtocolException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    CrossProtocolException(String spoken) {
        super("the client speaks " + spoken + ", not RESP");
    }
}
