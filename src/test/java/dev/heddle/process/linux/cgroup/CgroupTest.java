package dev.heddle.process.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.process.linux.LinuxProcessEngine;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.ListenAddress;
import dev.heddle.server.ServerConfig;
import dev.heddle.server.ServerConfig.Security;
import dev.heddle.server.ThreadMode;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands in control groups of their own. Needs a cgroup2 file system that this user may write to. */
class CgroupTest {
    private final String mark = UUID.randomUUID().toString();
    private Path parent;
    private HeddleServer server;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> root = Stream.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified").map(Path::of)
                .filter(path -> Files.isWritable(path.resolve("cgroup.procs"))
                        && Files.exists(path.resolve("cgroup.controllers"))).findFirst();
        assumeThat(root).as("a writable cgroup v2 directory").isPresent();
        parent = Files.createDirectory(root.get().resolve("heddle-test-" + mark));
        server = HeddleServer.start(new ServerConfig(List.of(ListenAddress.parse("resp://127.0.0.1:0")),
                ThreadMode.VIRTUAL, LinuxProcessEngine.open(Optional.of(parent)),
                new Security(Optional.empty(), false, false), ServerConfig.Limits.defaults()));
        client = new RawClient(server.addresses().getFirst().port());
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            client.close();
            server.close();
            Await.until("all groups are gone", () -> {
                try (Stream<Path> entries = Files.list(parent)) {
                    return entries.noneMatch(Files::isDirectory);
                }
            });
            Files.delete(parent);
        }
    }

    @Test
    void commandsRunAsWithoutAGroup() throws Exception {
        Reply reply = client.run("RUN", "ENV", "A", "1", "sh", "-c", "echo \"$A $0 $1\"; echo err >&2; exit 3", "x", "y z");
        assertThat(List.of(reply.state(), reply.code(), reply.out(), reply.err()))
                .isEqualTo(List.of("exited", 3L, "1 x y z\n", "err\n"));
        assertThat(client.run("RUN", "STDIN", "in", "cat").out()).isEqualTo("in");
        assertThat(client.call("RUN", "no-such-program").toString()).contains("NOTFOUND program");
        assertThat(client.run("RUN", "cat", "/proc/self/cgroup").out()).contains("/heddle-");
    }

    @Test
    void aDaemonThatCutItselfOffEndsWithItsCommand() throws Exception {
        Reply reply = client.run("SH", "ENV", "MARK", mark,
                "(setsid sh -c 'setsid sleep 600 > /dev/null 2>&1 &' &); sleep 0.2; echo hi");
        assertThat(reply.out()).isEqualTo("hi\n");
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void aTimeoutLetsStoppedDaemonsCleanUp() throws Exception {
        Reply reply = client.run("SH", "TIMEOUT", "2000", "(setsid sh -c \"$1\" &); sleep 600",
                "trap 'echo got-term; exit' TERM; kill -STOP $$; sleep 600");
        assertThat(List.of(reply.state(), reply.out())).isEqualTo(List.of("timeout", "got-term\n"));
    }

    @Test
    void aTimeoutEndsDaemonsThatIgnoreTerm() throws Exception {
        Reply reply = client.run("SH", "TIMEOUT", "300", "ENV", "MARK", mark,
                "trap '' TERM; (setsid sh -c 'sleep 600; :' &); sleep 600");
        assertThat(reply.state()).isEqualTo("timeout");
        Await.until("all are gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
    }
}
