package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.TokenHash;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.OwnFile;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A users file that changes while the server runs. */
class ReloadTest {
    private static final String ADA = "ada:\n  sha256: " + TokenHash.of("a") + "\n";
    private static final String CI = "ci:\n  sha256: " + TokenHash.of("c") + "\n";
    private static final SimpleString PONG = new SimpleString("PONG");

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private Path file;
    private Access access;
    private TestServer server;
    private RawClient ada;
    private RawClient ci;

    @BeforeEach
    void start() throws Exception {
        file = directory.resolve("users.yaml");
        access = Access.fromFile(OwnFile.write(file, ADA + CI));
        server = TestServer.start(Variant.VIRTUAL_NATIVE, access);
        ada = login("ada", "a");
        ci = login("ci", "c");
    }

    @AfterEach
    void stop() throws IOException {
        ada.close();
        ci.close();
        server.close();
        access.close();
    }

    private RawClient login(String user, String token) throws IOException {
        RawClient client = server.connect();
        assertThat(client.call("AUTH", user, token)).isEqualTo(SimpleString.OK);
        return client;
    }

    private void reload(String text) throws IOException {
        OwnFile.write(file, text);
        access.reload();
    }

    private void assertOver(RawClient client) throws IOException {
        assertThat(client.socket().getInputStream().read()).as("the connection has ended").isEqualTo(-1);
    }

    @Test
    void aRemovedUserIsDisconnectedAndWhatRunsForHimThereEnds() throws Exception {
        ci.request("RUN", "ENV", "MARK", mark, "sleep", "600");
        Await.until("it runs", () -> HostProcesses.withVariable("MARK", mark).size() == 1);
        reload(ADA);
        assertOver(ci);
        Await.until("it has ended", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
        assertThat(ada.call("PING")).isEqualTo(PONG);
        try (RawClient back = server.connect()) {
            assertThat(back.call("AUTH", "ci", "c")).isInstanceOf(ErrorReply.class);
        }
    }

    @Test
    void anotherTokenEndsTheSessionsOfTheOldOne() throws Exception {
        reload(ADA + CI.replace(TokenHash.of("c").toString(), TokenHash.of("new").toString()));
        assertOver(ci);
        login("ci", "new").close();
        assertThat(ada.call("PING")).isEqualTo(PONG);
    }

    @Test
    void anotherPolicyHoldsFromTheNextCommandOn() throws Exception {
        assertThat(ci.run("RUN", "true").code()).isZero();
        reload(ADA + CI + "  policy: {}\n");
        assertThat(((ErrorReply) ci.call("RUN", "true")).text()).isEqualTo("DENIED 'true' is not in your policy");
        reload(ADA + CI);
        assertThat(ci.run("RUN", "true").code()).isZero();
    }

    /** What waits behind a running command was not checked when it came. */
    @Test
    void whatIsQueuedIsCheckedWhenItsTurnComes() throws Exception {
        ci.request("RUN", "ENV", "MARK", mark, "sleep", "600").request("RUN", "true");
        Await.until("it runs", () -> HostProcesses.withVariable("MARK", mark).size() == 1);
        reload(ADA + CI + "  policy: {}\n");
        HostProcesses.withVariable("MARK", mark).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy));
        assertThat(RawClient.Reply.of(ci.read()).state()).isEqualTo("signaled");
        assertThat(((ErrorReply) ci.read()).text()).startsWith("DENIED ");
    }

    @Test
    void aBadFileLeavesTheUsersAsTheyAre() throws Exception {
        for (String bad : new String[] {"", ADA + "ci: {}\n", ADA + CI + "  polizy: {}\n", "ada: [\n"}) {
            reload(bad);
            assertThat(ada.call("PING")).isEqualTo(PONG);
            assertThat(ci.run("RUN", "true").code()).isZero();
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.writeString(file, ADA);
        access.reload();
        assertThat(ci.call("PING")).isEqualTo(PONG);
        Files.delete(file);
        access.reload();
        login("ci", "c").close();
        reload(ADA);
        assertOver(ci);
    }

    /** The operator does what the log says, and need not do more. */
    @Test
    void aFileThatIsClosedToOthersIsReadThen() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.writeString(file, ADA);
        access.reload();
        assertThat(ci.call("PING")).isEqualTo(PONG);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertOver(ci);
    }

    @Test
    void aListenerThatFailsDoesNotEndTheWatch() throws Exception {
        access.onChange(() -> {
            throw new IllegalStateException("as a bug would");
        });
        OwnFile.write(file, ADA);
        assertOver(ci);
        OwnFile.write(file, CI);
        assertOver(ada);
    }

    @Test
    void aChangeOfTheFileIsSeenWithoutBeingTold() throws Exception {
        Path draft = OwnFile.write(directory.resolve("draft"), ADA);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        assertOver(ci);
        OwnFile.write(file, ADA + CI);
        Await.until("the user is back", Duration.ofSeconds(20), () -> {
            try (RawClient client = server.connect()) {
                return client.call("AUTH", "ci", "c").equals(SimpleString.OK);
            }
        });
        assertThat(ada.call("PING")).isEqualTo(PONG);
    }
}
