package dev.heddle.platform;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 that loses nothing: any bytes become text, and this text becomes the original bytes again. A byte that is not
 * part of a character becomes one of the lone surrogates U+DC80 to U+DCFF, which no other text has; Python does this
 * too (PEP 383). All other text is encoded as in plain UTF-8. Safe for all threads; its coders are not.
 */
public final class LosslessUtf8 {
    /** The charset for readers and writers. The static methods are faster for whole words. */
    public static final Charset CHARSET = new Utf8();

    private static final char ESCAPE = '\udc00'; // what the byte is added to
    private static final int LONGEST_CHARACTER_BYTES = 4;

    private LosslessUtf8() {}

    public static String decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\ufffd') < 0 ? text : new String(bytes, CHARSET);
    }

    public static byte[] encode(String text) {
        return text.getBytes(text.chars().anyMatch(LosslessUtf8::isByte) ? CHARSET : StandardCharsets.UTF_8);
    }

    /** Returns the text for messages, with {@code \xHH} for each byte that is not part of a character. */
    public static String show(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> shown.append(
                isByte(c) ? String.format("\\x%02x", c - ESCAPE) : Character.toString(c)));
        return shown.toString();
    }

    /** Tells whether this stands for a byte. As a char of a String it may also be the second one of a character. */
    private static boolean isByte(int c) {
        return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff;
    }

    private static final class Utf8 extends Charset {
        Utf8() {
            super("x-heddle-lossless-utf-8", new String[0]);
        }

        @Override
        public boolean contains(Charset other) {
            return StandardCharsets.UTF_8.contains(other);
        }

        @Override
        public CharsetDecoder newDecoder() {
            return new Decoder(this);
        }

        @Override
        public CharsetEncoder newEncoder() {
            return new Encoder(this);
        }
    }

    private static final class Decoder extends CharsetDecoder {
        private final CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        /** The beginning of a character whose rest has not come yet, and room for that rest. */
        private final ByteBuffer cut = ByteBuffer.allocate(2 * LONGEST_CHARACTER_BYTES);

        Decoder(Charset charset) {
            super(charset, 1, 1);
        }

        @Override
        protected CoderResult decodeLoop(ByteBuffer in, CharBuffer out) {
            CoderResult result = decodeCut(out);
            while (result.isUnderflow() && cut.position() > 0 && in.hasRemaining()) {
                cut.put(in.get());
                result = decodeCut(out);
            }
            if (result.isUnderflow() && in.hasRemaining()) {
                result = decodeKnown(in, out);
                if (result.isUnderflow()) {
                    cut.put(in);
                }
            }
            return result;
        }

        private CoderResult decodeCut(CharBuffer out) {
            cut.flip();
            CoderResult result = decodeKnown(cut, out);
            cut.compact();
            return result;
        }

        /** Decodes what is known; leaves at most the beginning of a character when it ends without an overflow. */
        private CoderResult decodeKnown(ByteBuffer in, CharBuffer out) {
            while (true) {
                CoderResult result = strict.decode(in, out, false);
                if (!result.isMalformed()) {
                    return result;
                }
                if (!out.hasRemaining()) {
                    return CoderResult.OVERFLOW;
                }
                out.put(escaped(in.get())); // the rest of a longer malformed sequence is not a character
            }
        }

        /** Puts out the bytes of a character that the end has cut. */
        @Override
        protected CoderResult implFlush(CharBuffer out) {
            cut.flip();
            while (cut.hasRemaining() && out.hasRemaining()) {
                out.put(escaped(cut.get()));
            }
            boolean done = !cut.hasRemaining();
            cut.compact();
            return done ? CoderResult.UNDERFLOW : CoderResult.OVERFLOW;
        }

        @Override
        protected void implReset() {
            strict.reset();
            cut.clear();
        }

        private static char escaped(byte b) {
            return (char) (ESCAPE + (b & 0xff));
        }
    }

    private static final class Encoder extends CharsetEncoder {
        private final CharsetEncoder strict = StandardCharsets.UTF_8.newEncoder();

        Encoder(Charset charset) {
            super(charset, 1.1f, 3);
        }

        /** Encodes; reports other lone surrogates, which so become what plain UTF-8 makes of them. */
        @Override
        protected CoderResult encodeLoop(CharBuffer in, ByteBuffer out) {
            while (true) {
                CoderResult result = strict.encode(in, out, false);
                if (!result.isMalformed() || !isByte(in.get(in.position()))) {
                    return result;
                }
                if (!out.hasRemaining()) {
                    return CoderResult.OVERFLOW;
                }
                out.put((byte) in.get());
            }
        }

        @Override
        protected void implReset() {
            strict.reset();
        }
    }
}
