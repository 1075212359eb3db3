package dev.heddle.run;

import dev.heddle.command.Command;
import dev.heddle.platform.LosslessUtf8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The environment that commands start from: a few harmless variables of the server's own. All others may be
 * secrets, so that only names on this list pass.
 */
final class CleanEnvironment {
    private static final Set<String> PASSED = Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ",
            "TMPDIR");
    private static final String PASSED_PREFIX = "LC_";
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final String searchPath;
    private final Map<String, byte[]> entries = new LinkedHashMap<>(); // by name; the value is NAME=value

    /** @param server the server's own environment, as {@link LosslessUtf8} */
    CleanEnvironment(Map<String, String> server) {
        searchPath = server.getOrDefault("PATH", DEFAULT_PATH);
        entries.put("PATH", LosslessUtf8.encode("PATH=" + searchPath));
        server.forEach((name, value) -> {
            if (PASSED.contains(name) || name.startsWith(PASSED_PREFIX)) {
                entries.put(name, LosslessUtf8.encode(name + "=" + value));
            }
        });
    }

    /** As {@link LosslessUtf8}. */
    String searchPath() {
        return searchPath;
    }

    /** The environment of one command, as {@code NAME=value}. */
    List<byte[]> with(List<Command.Variable> variables) {
        if (variables.isEmpty()) {
            return List.copyOf(entries.values());
        }
        Map<String, byte[]> merged = new LinkedHashMap<>(entries);
        for (Command.Variable variable : variables) {
            merged.put(LosslessUtf8.decode(variable.name()), entry(variable));
        }
        return new ArrayList<>(merged.values());
    }

    private static byte[] entry(Command.Variable variable) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(variable.name());
        bytes.write('=');
        bytes.writeBytes(variable.value());
        return bytes.toByteArray();
    }
}
