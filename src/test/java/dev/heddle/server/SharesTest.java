package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.Policy;
import dev.heddle.access.TokenHash;
import dev.heddle.access.User;
import dev.heddle.access.Users;
import dev.heddle.job.JobLimits;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What one user takes of the server's memory is never another's: who has most loses first. */
@ParameterizedClass
@EnumSource(Variant.class)
class SharesTest {
    private static final long BUDGET_BYTES = 2 << 20;
    private static final JobLimits FEW = new JobLimits(10, Duration.ofMinutes(10));

    @Parameter
    private Variant variant;

    /** {@code ada} may do anything, {@code ci} and {@code ci2} very little; each one's token is the name. */
    private TestServer start(UnaryOperator<Limits> change) throws Exception {
        Policy policy = new Policy(
                Stream.of("true", "head", "wc").map(name -> new Policy.Program(located(name), Optional.empty()))
                        .toList(),
                false, List.of(), Set.of(), Optional.empty(), OptionalInt.empty());
        return TestServer.start(variant, Access.of(new Users(List.of(user("ada", Optional.empty()),
                user("ci", Optional.of(policy)), user("ci2", Optional.of(policy))))), change);
    }

    private static Path located(String name) {
        return Stream.of("/usr/bin", "/bin").map(folder -> Path.of(folder, name)).filter(path -> path.toFile().exists())
                .findFirst().orElseThrow();
    }

    private static User user(String name, Optional<Policy> policy) {
        return new User(name, Optional.of(TokenHash.of(name)), Optional.empty(), Optional.empty(), policy);
    }

    private static UnaryOperator<Limits> budget(long bytes) {
        return limits -> limits.withExec(limits.exec().withBudgetBytes(bytes));
    }

    private static RawClient login(TestServer server, String user) throws IOException {
        RawClient client = server.connect();
        assertThat(client.call("AUTH", user, user)).isEqualTo(SimpleString.OK);
        return client;
    }

    private static String start(RawClient client, String... words) throws IOException {
        List<String> request = new ArrayList<>(List.of("JOB", "START"));
        request.addAll(List.of(words));
        String id = ((BulkString) client.call(request.toArray(String[]::new))).text();
        client.run("JOB", "WAIT", id);
        return id;
    }

    private static int jobs(RawClient client) throws IOException {
        return ((ArrayReply) client.call("JOB", "LIST")).values().size();
    }

    @Test
    void manyJobsOfOneUserDropNothingOfAnothers() throws Exception {
        try (TestServer server = start(limits -> limits.withJobs(FEW));
                RawClient ada = login(server, "ada"); RawClient ci = login(server, "ci");
                RawClient ci2 = login(server, "ci2")) {
            String job = start(ada, "--", "echo", "kept");
            Reply result = ada.run("RUN", "ID", "one", "sh", "-c", "echo $$");
            for (int i = 0; i < 3 * FEW.maxKept(); i++) {
                start(ci, "--", "true");
                assertThat(ci2.run("RUN", "ID", "id-" + i, "true").state()).isEqualTo("exited");
            }
            assertThat(ada.call("JOB", "READ", job, "0").toString()).contains("exited");
            assertThat(jobs(ada)).isEqualTo(1);
            assertThat(ada.run("RUN", "ID", "one", "sh", "-c", "echo $$").out()).isEqualTo(result.out());
            assertThat(jobs(ci)).isBetween(1, FEW.maxKept() - 2);
        }
    }

    @Test
    void largeJobsOfOneUserDropNothingOfAnothers() throws Exception {
        try (TestServer server = start(budget(BUDGET_BYTES)); RawClient ada = login(server, "ada");
                RawClient ci = login(server, "ci")) {
            String job = start(ada, "--", "head", "-c", "50000", "/dev/zero");
            for (int i = 0; i < 30; i++) {
                start(ci, "--", "head", "-c", "200000", "/dev/zero");
            }
            assertThat(ada.call("JOB", "READ", job, "49999").toString()).contains("exited");
            assertThat(jobs(ci)).isBetween(1, 5);
        }
    }

    @Test
    void halfSentRequestsOfOneUserLeaveMemoryForOthers() throws Exception {
        byte[] half = ("*4\r\n$3\r\nRUN\r\n$5\r\nSTDIN\r\n$300000\r\n" + "x".repeat(250_000))
                .getBytes(StandardCharsets.US_ASCII);
        try (TestServer server = start(budget(BUDGET_BYTES)); RawClient ada = login(server, "ada")) {
            List<RawClient> halves = new ArrayList<>();
            try {
                for (int i = 0; i < 29; i++) {
                    halves.add(login(server, i % 2 == 0 ? "ci" : "ci2").send(half));
                }
                for (RawClient client : halves) { // those that are refused have left room for the others
                    Await.until("it is refused, or waits", () -> client.socket().getInputStream().available() > 0
                            || server.server().service().status().budgetUsedBytes() > BUDGET_BYTES / 3);
                }
                byte[] stdin = new byte[200_000];
                RespValue reply = ada.request("RUN".getBytes(StandardCharsets.US_ASCII),
                        "STDIN".getBytes(StandardCharsets.US_ASCII), stdin,
                        "wc".getBytes(StandardCharsets.US_ASCII), "-c".getBytes(StandardCharsets.US_ASCII)).read();
                assertThat(Reply.of(reply).out().strip()).isEqualTo("200000");
            } finally {
                for (RawClient client : halves) {
                    client.close();
                }
            }
            Await.until("all is given back", () -> server.server().service().status().budgetUsedBytes() == 0);
        }
    }

    @Test
    void strangersLeaveMemoryForWhoHasLoggedIn() throws Exception {
        String half = "*10\r\n" + ("$16000\r\n" + "x".repeat(16_000) + "\r\n").repeat(9);
        try (TestServer server = TestServer.start(variant, Optional.of("secret"), budget(BUDGET_BYTES));
                RawClient owner = server.connect()) {
            owner.call("AUTH", "secret");
            List<RawClient> strangers = new ArrayList<>();
            try {
                for (int i = 0; i < 30; i++) {
                    strangers.add(server.connect().send(half));
                }
                Await.until("they have what they get",
                        () -> server.server().service().status().budgetUsedBytes() > BUDGET_BYTES / 3);
                RespValue reply = owner.request("RUN".getBytes(StandardCharsets.US_ASCII),
                        "STDIN".getBytes(StandardCharsets.US_ASCII), new byte[500_000],
                        "wc".getBytes(StandardCharsets.US_ASCII), "-c".getBytes(StandardCharsets.US_ASCII)).read();
                assertThat(Reply.of(reply).out().strip()).isEqualTo("500000");
            } finally {
                for (RawClient client : strangers) {
                    client.close();
                }
            }
        }
    }

    @Test
    void idsOfOneUserLeaveMemoryForThoseOfOthers() throws Exception {
        try (TestServer server = start(budget(32 << 10)); RawClient ada = login(server, "ada");
                RawClient ci = login(server, "ci")) {
            RespValue reply = SimpleString.OK;
            for (int i = 0; i < 200 && !(reply instanceof ErrorReply); i++) {
                reply = ci.call("RUN", "ID", "id-" + i, "true");
            }
            assertThat(reply.toString()).contains("BUSY the memory for ");
            assertThat(ada.run("RUN", "ID", "id-0", "true").state()).isEqualTo("exited");
        }
    }
}
