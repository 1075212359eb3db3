package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import org.junit.jupiter.api.Test;

/** Streams whose clients do not read: what they hold is bounded, and others go on. */
class UnreadStreamTest {
    private static final long BUDGET_BYTES = 2 << 20;
    private static final int CLIENTS = 24;
    /** For who has just counted, and who is about to reserve. */
    private static final long MARGIN_BYTES = 512 << 10;

    private static RawClient stream(TestServer server, String script) throws IOException {
        RawClient client = server.connect();
        client.call("HELLO", "3");
        client.request("SH", "STREAM", "STDIN", "", "--", script);
        return client;
    }

    @Test
    void countInTheMemoryBudgetAndLetOthersGoOn() throws Exception {
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE,
                exec -> exec.withBudgetBytes(BUDGET_BYTES))) {
            LongSupplier budgetUsedBytes = () -> server.server().service().status().budgetUsedBytes();
            List<RawClient> unread = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    unread.add(stream(server, "cat /dev/zero & cat /dev/zero >&2"));
                }
                Await.until("they hold what they may", () -> budgetUsedBytes.getAsLong() > BUDGET_BYTES / 2 - (128 << 10));
                try (RawClient other = stream(server, "head -c 300000 /dev/zero")) {
                    assertThat(outputBytes(other)).isEqualTo(300_000);
                }
                assertThat(budgetUsedBytes.getAsLong()).isLessThan(BUDGET_BYTES / 2 + MARGIN_BYTES);
            } finally {
                for (RawClient client : unread) {
                    client.reset();
                }
            }
            Await.until("all is given back", () -> budgetUsedBytes.getAsLong() == 0);
        }
    }

    private static long outputBytes(RawClient client) throws IOException {
        long bytes = 0;
        RespValue value = client.read();
        while (value instanceof Push(List<RespValue> parts)) {
            bytes += ((BulkString) parts.get(1)).text().equals("out") ? ((BulkString) parts.get(3)).bytes().length : 0;
            value = client.read();
        }
        assertThat(Reply.of(value).code()).isZero();
        return bytes;
    }
}
