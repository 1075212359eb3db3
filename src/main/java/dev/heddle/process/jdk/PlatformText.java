package dev.heddle.process.jdk;

import dev.heddle.process.StartException;
import dev.heddle.process.StartException.Reason;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns bytes into the strings that {@link ProcessBuilder} turns back into the same bytes. It encodes by the
 * locale that the JVM was started in; what that cannot express is refused, not silently changed.
 */
final class PlatformText {
    private static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private PlatformText() {}

    static String decode(byte[] bytes) throws StartException {
        for (byte b : bytes) {
            if (b == 0) {
                throw new StartException(Reason.BAD_ARGUMENT, "an argument contains a NUL byte");
            }
        }
        try {
            return CHARSET.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new StartException(Reason.BAD_ARGUMENT, "an argument has bytes that are no " + CHARSET
                    + " text, which the server's jdk engine cannot pass on", e);
        }
    }

    static Map<String, String> decodeEnvironment(List<byte[]> entries) throws StartException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (byte[] entry : entries) {
            String text = decode(entry);
            int equals = text.indexOf('=');
            environment.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return environment;
    }
}
