package dev.heddle.resp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A request of two words, whose second one is read directly to where it is sent from: a stream of these costs only the
 * frame's memory, and one write each.
 *
 * <p><b>Threading:</b> one thread at a time owns it.
 */
public final class RequestFrame {
    private static final int MAX_LENGTH_LINE_BYTES = 1 + 10 + 2;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final byte[] beginning;
    private final byte[] frame;
    private final int payload; // where it starts; what stands before it is right-aligned to it
    private int length;

    /** Makes an empty frame with this first word, in ASCII, and room for this many bytes of the second one. */
    public RequestFrame(String word, int capacity) {
        beginning = ("*2\r\n$" + word.length() + "\r\n" + word + "\r\n").getBytes(StandardCharsets.US_ASCII);
        payload = beginning.length + MAX_LENGTH_LINE_BYTES;
        frame = new byte[payload + capacity + LINE_END.length];
    }

    /** Returns how many bytes the second word has. */
    public int length() {
        return length;
    }

    /** Fills the second word by one read. False at the end of the input. */
    public boolean fill(InputStream in, int maxBytes) throws IOException {
        length = Math.max(0, in.read(frame, payload, Math.min(maxBytes, frame.length - payload - LINE_END.length)));
        return length > 0;
    }

    /** Fills the second word with a copy of these bytes. */
    public void fill(byte[] bytes, int offset, int count) {
        System.arraycopy(bytes, offset, frame, payload, count);
        length = count;
    }

    /** Sends the request; blocks while the peer takes nothing. The frame can be filled again afterwards. */
    public void writeTo(OutputStream out) throws IOException {
        byte[] lengthLine = ("$" + length + "\r\n").getBytes(StandardCharsets.US_ASCII);
        int start = payload - lengthLine.length - beginning.length;
        System.arraycopy(beginning, 0, frame, start, beginning.length);
        System.arraycopy(lengthLine, 0, frame, payload - lengthLine.length, lengthLine.length);
        System.arraycopy(LINE_END, 0, frame, payload + length, LINE_END.length);
        out.write(frame, start, payload + length + LINE_END.length - start);
    }
}
