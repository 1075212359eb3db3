package dev.heddle.process.jdk;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Refusal;
import dev.heddle.platform.FileNames;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns bytes into strings that {@link ProcessBuilder}, which encodes by the JVM's locale, turns back into exactly
 * these bytes; others are refused, not silently changed.
 */
final class PlatformText {
    private PlatformText() {}

    static String decode(byte[] bytes, String what) throws RefusedException {
        for (byte b : bytes) {
            if (b == 0) {
                throw new RefusedException(Refusal.BAD_ARGUMENT, "an argument contains a NUL byte");
            }
        }
        String text = new String(bytes, FileNames.ENCODING);
        if (!Arrays.equals(text.getBytes(FileNames.ENCODING), bytes)) {
            throw new RefusedException(Refusal.BAD_ARGUMENT, what + " has bytes that are no " + FileNames.ENCODING
                    + " text, which the server's jdk engine cannot pass on");
        }
        return text;
    }

    static Map<String, String> decodeEnvironment(List<byte[]> entries) throws RefusedException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (byte[] entry : entries) {
            String shown = new String(entry, StandardCharsets.UTF_8);
            String text = decode(entry, "the variable " + shown.substring(0, shown.indexOf('=')));
            int equals = text.indexOf('=');
            environment.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return environment;
    }
}
