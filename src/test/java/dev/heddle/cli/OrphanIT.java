package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built server as the first process of a PID namespace, as in a container. Needs root. */
class OrphanIT {
    private static final String COUNT_ZOMBIES = "cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z 1 '; true";

    @TempDir
    private Path directory;

    @Test
    void orphansAreReapedAndNobodysExitIsStolen() throws Exception {
        Process probe = new ProcessBuilder("unshare", "--pid", "--fork", "--mount-proc", "true")
                .redirectErrorStream(true).start();
        assumeTrue(probe.waitFor() == 0, "this user may not make a PID namespace");
        try (BuiltHeddle built = new BuiltHeddle(directory)) {
            Path addresses = directory.resolve("addresses");
            Process unshare = built.start(new ProcessBuilder("unshare", "--pid", "--fork", "--kill-child",
                    "--mount-proc", BuiltHeddle.HEDDLE, "serve", "--no-auth", "--engine", "native", "--listen",
                    "resp://127.0.0.1:0", "--print-addresses", addresses.toString())
                    .redirectErrorStream(true).redirectOutput(built.log().toFile()));
            Await.until("the server is up", Duration.ofSeconds(30), () -> {
                assertThat(unshare.isAlive()).as(Files.readString(built.log())).isTrue();
                return Files.exists(addresses);
            });
            String address = built.address();
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            try (RawClient client = new RawClient(port)) {
                assertThat(client.run("SH", "cat /proc/1/comm").out()).startsWith("java");
                for (int i = 0; i < 20; i++) {
                    client.run("SH", "for i in 1 2 3 4 5; do setsid -f sleep 0.3; done");
                }
                Await.until("there are zombies", () -> zombies(client) > 0);
                for (int i = 0; i < 200; i++) {
                    assertThat(client.run("SH", "exit " + i).code()).isEqualTo(i);
                }
                Await.until("all are reaped", Duration.ofSeconds(30), () -> zombies(client) == 0);
                assertThat(client.run("SH", "ls /proc | grep -c '^[0-9]'").out().strip())
                        .as("only the server, and what counts").isIn("3", "4");
            }
            List<ProcessHandle> first = unshare.toHandle().children().toList();
            assertThat(first).hasSize(1);
            first.getFirst().destroy();
            assertThat(unshare.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(built.log())).contains("stopped: GRACEFUL");
        }
    }

    private static int zombies(RawClient client) throws Exception {
        return Integer.parseInt(client.run("SH", COUNT_ZOMBIES).out().strip());
    }
}
