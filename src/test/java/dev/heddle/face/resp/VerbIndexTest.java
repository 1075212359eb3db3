package dev.heddle.face.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Allocations;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

/** Names of verbs, as clients spell them. */
class VerbIndexTest {
    private static final List<String> NAMES = List.of("ping", "run", "sh", "job", "client", "command", "config", "echo",
            "select", "subscribe", "unsubscribe", "signal", "stdin", "eof", "info", "acl", "auth", "hello", "a-b@[`{");

    private final Map<byte[], String> index = new TreeMap<>(VerbTable.IN_ANY_CASE);

    VerbIndexTest() {
        NAMES.forEach(name -> index.put(bytes(name), name));
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void anyCaseIsTheSameName() {
        for (String name : NAMES) {
            String upper = name.toUpperCase(Locale.ROOT);
            for (String spelt : List.of(name, upper, upper.charAt(0) + name.substring(1))) {
                assertThat(index.get(bytes(spelt))).as(spelt).isEqualTo(name);
            }
        }
    }

    @Test
    void onlyLettersHaveACase() {
        for (String other : List.of("", "pin", "pings", "ping ", "ping\0", "\0ping", "p\u00ceng", "A-B@[@{", "A-B`[`{",
                "A-B@{`[", "A\rB@[`{", "x".repeat(100_000))) {
            assertThat(index.get(bytes(other))).as(other).isNull();
        }
    }

    @Test
    void aSearchAllocatesNothing() throws Exception {
        byte[][] names = {bytes("PING"), bytes("Run"), bytes("unsubscribe"), bytes("nonsense")};
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < 100 && allocated > 0; i++) { // until the JVM has loaded what it needs
            allocated = Allocations.bytesOf(() -> {
                for (byte[] name : names) {
                    index.get(name);
                }
            });
        }
        assertThat(allocated).isZero();
    }
}
