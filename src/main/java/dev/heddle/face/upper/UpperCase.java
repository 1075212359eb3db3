package dev.heddle.face.upper;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Turns a stream of UTF-8 into upper case, chunk by chunk. A character cut by the border of a chunk waits for its
 * rest; bytes that are no UTF-8 stay as they are. Belongs to one thread.
 */
final class UpperCase {
    private static final int LONGEST_CHARACTER_BYTES = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
    private byte[] cut = {}; // the beginning of a character

    /** What is to be answered to the first bytes of the chunk, as far as they can be understood by now. */
    byte[] next(byte[] chunk, int length) {
        ByteBuffer in = ByteBuffer.allocate(cut.length + length).put(cut).put(chunk, 0, length).flip();
        CharBuffer characters = CharBuffer.allocate(in.remaining());
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.remaining() + LONGEST_CHARACTER_BYTES);
        decoder.reset();
        CoderResult result = decoder.decode(in, characters, false);
        while (result.isError()) {
            raise(characters, out);
            for (int i = 0; i < result.length(); i++) {
                out.write(in.get());
            }
            result = decoder.decode(in, characters, false);
        }
        raise(characters, out);
        cut = new byte[in.remaining()];
        in.get(cut);
        return out.toByteArray();
    }

    /** What never became a character, at the end of the stream. */
    byte[] rest() {
        return cut;
    }

    private static void raise(CharBuffer characters, ByteArrayOutputStream out) {
        String text = characters.flip().toString();
        out.writeBytes(text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        characters.clear();
    }
}
