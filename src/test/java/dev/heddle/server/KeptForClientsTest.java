package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients make the server keep is bounded, or counted in the memory budget until it is gone. */
@ParameterizedClass
@EnumSource(Variant.class)
class KeptForClientsTest {
    private static final int LONGEST_NAME = 256;

    @Parameter
    private Variant variant;

    private static String error(RespValue reply) {
        assertThat(reply).isInstanceOf(ErrorReply.class);
        return ((ErrorReply) reply).text();
    }

    @Test
    void namesOfClientsAreShort() throws Exception {
        String name = "n".repeat(LONGEST_NAME);
        String longer = name + "n";
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            assertThat(client.call("CLIENT", "SETNAME", name)).isEqualTo(SimpleString.OK);
            assertThat(client.call("CLIENT", "SETINFO", "LIB-NAME", name)).isEqualTo(SimpleString.OK);
            assertThat(client.call("CLIENT", "SETINFO", "LIB-VER", name)).isEqualTo(SimpleString.OK);
            assertThat(error(client.call("CLIENT", "SETNAME", longer)))
                    .isEqualTo("ERR Client names cannot be longer than 256 bytes.");
            assertThat(error(client.call("HELLO", "2", "SETNAME", longer)))
                    .isEqualTo("ERR Client names cannot be longer than 256 bytes.");
            assertThat(error(client.call("CLIENT", "SETINFO", "LIB-NAME", longer)))
                    .isEqualTo("ERR LIB-NAME cannot be longer than 256 bytes.");
            assertThat(error(client.call("CLIENT", "SETINFO", "LIB-VER", "v".repeat(1 << 20))))
                    .isEqualTo("ERR LIB-VER cannot be longer than 256 bytes.");
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo(BulkString.of(name));
            assertThat(((BulkString) client.call("CLIENT", "INFO")).text())
                    .contains("lib-name=" + name + " lib-ver=" + name + " ");
        }
    }

    /** Each of them would be held against each client. */
    @Test
    void filtersOfClientsAreFew() throws Exception {
        List<String> words = new ArrayList<>(List.of("CLIENT", "LIST", "ID"));
        words.addAll(Collections.nCopies(20_000, "1"));
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            assertThat(error(client.call(words.toArray(String[]::new))))
                    .isEqualTo("ERR more than 10000 words to choose clients by");
            words.set(1, "KILL");
            words.add("ID");
            assertThat(error(client.call(words.toArray(String[]::new))))
                    .isEqualTo("ERR more than 10000 words to choose clients by");
            assertThat(client.call("CLIENT", "LIST", "ID", "1", "1", "7").toString()).contains("id=1 ")
                    .doesNotContain("id=7 ");
        }
    }

    @Test
    void wordsThatNoKernelTakesAreNotLookedAt() throws Exception {
        try (TestServer server = TestServer.start(variant); RawClient client = server.connect()) {
            byte[] large = "x".repeat(7 << 20).getBytes();
            for (byte[][] request : new byte[][][] {{"RUN".getBytes(), large}, {"SH".getBytes(), large},
                {"RUN".getBytes(), "ENV".getBytes(), "PATH".getBytes(), large, "true".getBytes()},
                {"RUN".getBytes(), "CWD".getBytes(), large, "true".getBytes()},
                {"JOB".getBytes(), "START".getBytes(), large}}) {
                assertThat(error(client.request(request).read())).isEqualTo("TOOBIG the argument list is too long");
            }
            assertThat(((ArrayReply) client.call("JOB", "LIST")).values()).isEmpty();
        }
    }
}
