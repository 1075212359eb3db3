package dev.heddle.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The arguments and the environment that this process was started with, as {@link LosslessUtf8}. The JVM decodes both
 * by its locale and loses the bytes that the locale does not know. The kernel has the bytes; without procfs the JVM's
 * text is used.
 */
public final class Invocation {
    /** The start script's value of LC_ALL. Another variable keeps the one before: nothing, or "=" and the value. */
    private static final String SCRIPTS_LOCALE = "C.UTF-8";
    private static final String USERS_LOCALE = "HEDDLE_LC_ALL";
    private static final Path PROC = Path.of("/proc/self");

    private Invocation() {}

    /**
     * Returns the arguments of {@code main} with their bytes: the last words of the command line. Made up ones stay.
     */
    public static String[] arguments(String... decoded) {
        if (areAscii(List.of(decoded))) {
            return decoded; // a locale's encoding has ASCII for ASCII bytes only
        }
        List<byte[]> words = words("cmdline").orElse(List.of());
        int first = words.size() - decoded.length;
        String[] exact = new String[decoded.length];
        for (int i = 0; i < decoded.length; i++) {
            if (first < 0 || !decoded[i].equals(new String(words.get(first + i), FileNames.ENCODING))) {
                return decoded;
            }
            exact[i] = LosslessUtf8.decode(words.get(first + i));
        }
        return exact;
    }

    /** Returns the environment as the user had it: without the variables that the start script has set for the JVM. */
    public static Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        if (!areAscii(environment.keySet()) || !areAscii(environment.values())) {
            words("environ").ifPresent(entries -> {
                environment.clear();
                entries.forEach(entry -> put(LosslessUtf8.decode(entry), environment));
            });
        }
        String before = environment.remove(USERS_LOCALE);
        if (before != null && SCRIPTS_LOCALE.equals(environment.get("LC_ALL"))) {
            if (before.startsWith("=")) {
                environment.put("LC_ALL", before.substring(1));
            } else {
                environment.remove("LC_ALL");
            }
        }
        return Collections.unmodifiableMap(environment);
    }

    /** Puts an entry as getenv(3) finds it: the first of several wins, and an entry without a name is skipped. */
    private static void put(String entry, Map<String, String> environment) {
        int equals = entry.indexOf('=');
        if (equals > 0) {
            environment.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
        }
    }

    private static boolean areAscii(Collection<String> texts) {
        return texts.stream().flatMapToInt(String::chars).allMatch(c -> c < 0x80);
    }

    /** Returns the words of a file in which a NUL ends each; empty without procfs, or where it hides that file. */
    private static Optional<List<byte[]>> words(String file) {
        try {
            String text = Files.readString(PROC.resolve(file), StandardCharsets.ISO_8859_1); // a char for each byte
            return Optional.of(Pattern.compile("([^\0]*)\0").matcher(text).results()
                    .map(word -> word.group(1).getBytes(StandardCharsets.ISO_8859_1)).toList());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
