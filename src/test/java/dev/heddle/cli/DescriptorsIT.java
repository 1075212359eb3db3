package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that may have few files open keeps its word all the same. */
class DescriptorsIT {
    private static final int FILES = 256;
    private static final int MANY = 240;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private final List<RawClient> clients = new ArrayList<>();
    private BuiltHeddle built;

    @BeforeEach
    void prepare() {
        built = new BuiltHeddle(directory);
    }

    @AfterEach
    void endAll() throws Exception {
        for (RawClient client : clients) {
            client.close();
        }
        built.close();
        for (long pid : HostProcesses.withVariable("MARK", mark)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private RawClient connect() throws IOException {
        String address = built.address().lines().findFirst().orElseThrow();
        return new RawClient(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    private static int figure(RawClient client, String name) throws IOException {
        String info = ((BulkString) client.call("INFO")).text();
        Matcher figure = Pattern.compile("(?m)^" + name + ":(\\d+)\r\n").matcher(info);
        assertThat(figure.find()).as(info).isTrue();
        return Integer.parseInt(figure.group(1));
    }

    @ParameterizedTest
    @CsvSource({"virtual, native", "platform, native", "virtual, jdk", "platform, jdk"})
    void idleClientsDoNotTakeWhatCommandsWerePromised(String threads, String engine) throws Exception {
        built.serveWithFiles(FILES, "--no-auth", "--threads", threads, "--engine", engine, "--max-wait", "60s",
                "--listen", "resp+unix://" + directory.resolve("socket"), "--metrics", "127.0.0.1:0",
                "--audit-log", directory.resolve("audit").toString());
        for (int i = 0; i < MANY; i++) {
            clients.add(connect());
        }
        List<RawClient> served = new ArrayList<>();
        for (RawClient client : clients) {
            String reply = client.request("PING").read().toString();
            if (reply.contains("PONG")) {
                served.add(client);
            } else {
                assertThat(reply).as("a client too many").contains("BUSY the maximum number of clients is connected");
            }
        }
        RawClient first = served.getFirst();
        assertThat(served).hasSize(figure(first, "maxclients"));
        int commands = figure(first, "max_running_commands");
        assertThat(commands).isBetween(2, served.size() - 1);
        Path go = directory.resolve("go");
        List<RawClient> running = served.subList(1, commands + 1);
        for (RawClient client : running) {
            client.request("RUN", "ENV", "MARK", mark, "STDIN", "given", "sh", "-c",
                    "cat; until [ -e " + go + " ]; do sleep 0.05; done; echo over >&2");
        }
        Await.until("all run at once", Duration.ofSeconds(60),
                () -> HostProcesses.withVariable("MARK", mark).size() >= commands
                        && figure(first, "running_commands") == commands);
        Files.createFile(go);
        for (RawClient client : running) {
            Reply reply = Reply.of(client.read());
            assertThat(reply.out()).isEqualTo("given");
            assertThat(reply.err()).isEqualTo("over\n");
        }
        assertThat(Files.readString(built.log())).contains("lowered max-connections from 10000 to " + served.size()
                + " and max-commands from " + (engine.equals("jdk") ? 256 : 10_000) + " to " + commands
                + ": the limit of open files (ulimit -n) is " + FILES).doesNotContain("WARN").doesNotContain("ERROR");
    }

    @Test
    void whereAllFitsNothingIsSaid() throws Exception {
        built.serveWithFiles(FILES, "--no-auth", "--max-connections", "20", "--max-commands", "5");
        Await.until("it has said all", Duration.ofSeconds(60),
                () -> Files.readString(built.log()).contains("\nlistening on "));
        assertThat(Files.readString(built.log())).contains("up to 5 commands at once").doesNotContain("lowered");
        clients.add(connect());
        assertThat(figure(clients.getFirst(), "maxclients")).isEqualTo(20);
    }
}
