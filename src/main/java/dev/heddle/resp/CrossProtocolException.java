package dev.heddle.resp;

/**
 * Signals that the peer speaks another protocol, perhaps without knowing to whom: a web page can make a browser on this
 * machine send lines that are commands here, after the lines of HTTP that give it away. So the connection is closed at
 * once, without an answer, as Redis does.
 */
public final class CrossProtocolException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    CrossProtocolException(String spoken) {
        super("the client speaks " + spoken + ", not RESP");
    }
}
