package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.access.Access;
import dev.heddle.access.LoginListener;
import dev.heddle.access.TokenHash;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.resp.RespValue.Verbatim;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.OwnFile;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Logging in, failing to, and trying again and again. */
@ParameterizedClass
@EnumSource(value = Variant.class, names = {"VIRTUAL_NATIVE", "PLATFORM_JDK"})
class LoginTest {
    private static final String WRONG = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private Access access;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        access = Access.fromFile(OwnFile.write(directory.resolve("users.yaml"), """
                default:
                  sha256: %s
                ada:
                  sha256: %s
                card:
                  certificate: CN=card
                """.formatted(TokenHash.of("d"), TokenHash.of("a"))));
        server = TestServer.start(variant, access, Observers.NONE.withLogins(new LoginListener() {
            @Override
            public void loggedIn(String user, String peer) {
                heard.add("in " + user + " " + peer.replaceAll("[0-9]+$", "N"));
            }

            @Override
            public void refused(String user, String peer) {
                heard.add("refused " + user + " " + peer.replaceAll("[0-9]+$", "N"));
            }
        }));
    }

    @AfterEach
    void stop() {
        server.close();
        access.close();
    }

    private String talk(String requests) throws IOException {
        try (RawClient client = server.connect()) {
            return client.send(requests).halfClose().readToEnd();
        }
    }

    @Test
    void whoHasTheTokenIsTheUser() throws Exception {
        assertThat(talk("AUTH d\r\nACL WHOAMI\r\n")).isEqualTo("+OK\r\n$7\r\ndefault\r\n");
        assertThat(talk("AUTH ada a\r\nACL WHOAMI\r\n")).isEqualTo("+OK\r\n$3\r\nada\r\n");
        assertThat(talk("HELLO 2 AUTH ada a SETNAME n\r\nACL WHOAMI\r\nCLIENT INFO\r\n"))
                .contains("$3\r\nada\r\n").contains(" user=ada ");
        assertThat(talk("AUTH ada a\r\nAUTH d\r\nACL WHOAMI\r\n")).endsWith("$7\r\ndefault\r\n");
        assertThat(talk("AUTH ada a\r\nRESET\r\nACL WHOAMI\r\n"))
                .endsWith("+RESET\r\n-NOAUTH Authentication required.\r\n");
        assertThat(talk("ACL WHOAMI\r\n")).isEqualTo("-NOAUTH Authentication required.\r\n");
        assertThat(talk("AUTH d\r\nACL LIST\r\n")).endsWith(
                "-ERR unknown subcommand or wrong number of arguments for 'LIST'. Try WHOAMI.\r\n");
        assertThat(heard).containsExactly("in default 127.0.0.1:N", "in ada 127.0.0.1:N", "in ada 127.0.0.1:N",
                "in ada 127.0.0.1:N", "in default 127.0.0.1:N", "in ada 127.0.0.1:N", "in default 127.0.0.1:N");
    }

    @Test
    void aFailureTellsNothingAndLeavesTheLoginAsItWas() throws Exception {
        assertThat(talk("AUTH ada d\r\n")).isEqualTo(WRONG);
        assertThat(talk("AUTH nobody a\r\n")).isEqualTo(WRONG);
        assertThat(talk("AUTH card \"\"\r\n")).isEqualTo(WRONG);
        assertThat(talk("HELLO 3 AUTH ada A\r\n")).isEqualTo(WRONG);
        assertThat(talk("AUTH ada a\r\nAUTH ada b\r\nACL WHOAMI\r\n")).isEqualTo("+OK\r\n" + WRONG + "$3\r\nada\r\n");
        assertThat(heard).containsExactly("refused ada 127.0.0.1:N", "refused (unknown) 127.0.0.1:N",
                "refused card 127.0.0.1:N", "refused ada 127.0.0.1:N", "in ada 127.0.0.1:N",
                "refused ada 127.0.0.1:N");
    }

    @Test
    void anotherUserInheritsNothing() throws Exception {
        try (RawClient client = server.connect(); RawClient ada = server.connect()) {
            client.call("HELLO", "3", "AUTH", "ada", "a");
            ada.call("AUTH", "ada", "a");
            String id = ((BulkString) client.call("JOB", "START", "--", "sh", "-c", "read a; echo $a; read b; echo $b"))
                    .text();
            client.call("SUBSCRIBE", "job:" + id);
            assertThat(client.call("AUTH", "ada", "a")).as("the same user again").isEqualTo(SimpleString.OK);
            ada.call("JOB", "WRITE", id, "0", "first\n");
            assertThat(client.read()).isEqualTo(Push.of(BulkString.of("message"), BulkString.of("job:" + id),
                    BulkString.of("out 0\nfirst\n")));
            assertThat(client.call("AUTH", "d")).isEqualTo(SimpleString.OK);
            assertThat(client.call("CLIENT", "INFO")).isInstanceOfSatisfying(Verbatim.class,
                    info -> assertThat(info.bytes()).asString().contains(" sub=0 ", " user=default "));
            ada.call("JOB", "WRITE", id, "6", "second\n");
            assertThat(ada.run("JOB", "WAIT", id).code()).isZero();
            assertThat(client.call("SUBSCRIBE", "job:" + id)).isEqualTo(new ErrorReply("NOJOB no such job '" + id + "'"));
            assertThat(client.call("JOB", "READ", id, "0")).isEqualTo(new ErrorReply("NOJOB no such job '" + id + "'"));
            client.request("JOB", "START", "--", "sleep", "600");
            client.request("HELLO", "3", "AUTH", "ada", "a"); // in one go: each is executed as whom it finds
            client.request("JOB", "LIST");
            String defaults = ((BulkString) client.read()).text();
            client.read();
            assertThat(client.read().toString()).contains(id).doesNotContain(defaults);
            client.call("AUTH", "d");
            client.call("JOB", "SIGNAL", defaults, "KILL");
        }
    }

    /** It is easily given in the place of the name. */
    @Test
    void aTokenInTheWrongPlaceIsToldToNobody() throws Exception {
        String token = TokenHash.newToken();
        assertThat(talk("AUTH " + token + " x\r\nAUTH " + token + "\r\nHELLO 3 AUTH " + token + " x\r\n"))
                .isEqualTo(WRONG.repeat(3));
        assertThat(heard).containsExactly("refused (unknown) 127.0.0.1:N", "refused default 127.0.0.1:N",
                "refused (unknown) 127.0.0.1:N");
    }

    @Test
    void eachFailureTakesLongerAndHoldsUpNobodyElse() throws Exception {
        try (RawClient guesser = server.connect(); RawClient other = server.connect()) {
            long start = System.nanoTime();
            guesser.send("AUTH x\r\n".repeat(4));
            other.send("AUTH ada a\r\nRUN echo hi\r\n");
            assertThat(other.readText(5)).isEqualTo("+OK\r\n");
            assertThat(guesser.socket().getInputStream().available()).isLessThan(4 * WRONG.length());
            assertThat(guesser.readText(4 * WRONG.length())).isEqualTo(WRONG.repeat(4));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1400));
            guesser.send("AUTH d\r\n");
            assertThat(guesser.readText(5)).as("the right one still works").isEqualTo("+OK\r\n");
        }
    }

    @Test
    void aStoppingServerDoesNotWaitForGuessers() throws Exception {
        try (RawClient guesser = server.connect()) {
            guesser.send("AUTH x\r\n".repeat(10)); // ten seconds of delays
            Await.until("it is being tried", () -> !heard.isEmpty());
            long start = System.nanoTime();
            server.server().stop(Duration.ofSeconds(60));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void aFloodOfGuessesIsBoundedAndDoesNotLockTheOwnerOut() throws Exception {
        assumeThat(variant).as("ten seconds of delays, once").isEqualTo(Variant.VIRTUAL_NATIVE);
        int guessers = 500;
        long descriptors = HostProcesses.descriptors();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < guessers; i++) {
            clients.add(server.connect().send("AUTH user" + i + " x\r\n" + "AUTH x\r\n".repeat(500)));
        }
        Await.until("all are being tried", Duration.ofSeconds(30), () -> heard.size() >= guessers);
        for (int i = 0; i < 3; i++) {
            assertThat(talk("AUTH ada a\r\nPING\r\n")).as("the owner, meanwhile").isEqualTo("+OK\r\n+PONG\r\n");
        }
        for (RawClient client : clients.subList(guessers / 2, guessers)) {
            client.reset();
        }
        for (RawClient client : clients.subList(0, guessers / 2)) {
            String answers = client.readToEnd();
            String timeIsUp = "-ERR no login within 10000 ms: connection closed\r\n"; // the delays together take longer
            boolean late = answers.endsWith(timeIsUp);
            String refusals = late ? answers.substring(0, answers.length() - timeIsUp.length()) : answers;
            int guesses = refusals.length() / WRONG.length();
            assertThat(refusals).as("the server ends it").isEqualTo(WRONG.repeat(guesses));
            assertThat(guesses).as("guesses that are answered").isBetween(late ? 1 : 8, 8);
            client.close();
        }
        Await.until("they are gone", Duration.ofSeconds(60), () -> HostProcesses.descriptors() <= descriptors);
        assertThat(heard.stream().filter(line -> line.startsWith("refused")).count())
                .as("guesses that were looked at").isLessThanOrEqualTo(8L * guessers);
    }
}
