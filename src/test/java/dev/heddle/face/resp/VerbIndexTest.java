package dev.heddle.face.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.face.resp.VerbTable.Entry;
import dev.heddle.face.resp.VerbTable.Kind;
import dev.heddle.testing.Allocations;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;

/** Names of verbs, as clients spell them. */
class VerbIndexTest {
    private static final List<String> NAMES = List.of("ping", "run", "sh", "job", "client", "command", "config", "echo",
            "select", "subscribe", "unsubscribe", "signal", "stdin", "eof", "info", "acl", "auth", "hello", "a-b@[`{");

    private final VerbIndex index = new VerbIndex();

    VerbIndexTest() {
        NAMES.forEach(name -> index.add(new Entry(name, 1, Kind.IMMEDIATE, "", words -> new ConnectionVerb.Reset())));
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void anyCaseIsTheSameName() {
        for (String name : NAMES) {
            String upper = name.toUpperCase(Locale.ROOT);
            for (String spelt : List.of(name, upper, upper.charAt(0) + name.substring(1))) {
                assertThat(index.find(bytes(spelt))).as(spelt).extracting(Entry::name).isEqualTo(name);
            }
        }
    }

    @Test
    void onlyLettersHaveACase() {
        for (String other : List.of("", "pin", "pings", "ping ", "ping\0", "\0ping", "p\u00ceng", "A-B@[@{", "A-B`[`{",
                "A-B@{`[", "A\rB@[`{", "x".repeat(100_000))) {
            assertThat(index.find(bytes(other))).as(other).isNull();
        }
    }

    @Test
    void aSearchAllocatesNothing() throws Exception {
        byte[][] names = {bytes("PING"), bytes("Run"), bytes("unsubscribe"), bytes("nonsense")};
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < 100 && allocated > 0; i++) { // until the JVM has loaded what it needs
            allocated = Allocations.bytesOf(() -> {
                for (byte[] name : names) {
                    index.find(name);
                }
            });
        }
        assertThat(allocated).isZero();
    }
}
