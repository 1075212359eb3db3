package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.audit.AuditLog;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One ID per command, the same wherever it is shown; names that stand for it, and labels. */
@ParameterizedClass
@EnumSource(Variant.class)
class NamesTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path directory;

    private AuditLog log;
    private TestServer server;
    private RawClient client;
    private RawClient other;

    @BeforeEach
    void start() throws Exception {
        log = new AuditLog(directory.resolve("audit.log"));
        server = TestServer.start(variant, Optional.empty(), limits -> limits, Observers.NONE.withCommands(log));
        client = server.connect();
        other = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        other.close();
        server.close();
        log.close();
    }

    private static String text(RespValue value) {
        return ((BulkString) value).text();
    }

    private static RespValue call(RawClient client, String words) throws IOException {
        return client.call(words.split(" "));
    }

    private static List<RespValue> values(RespValue array) {
        return ((ArrayReply) array).values();
    }

    /** The lines of the audit log about commands, once all is written. */
    private List<JsonNode> audit() throws IOException {
        log.close();
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("audit.log"))) {
            lines.add(json.readTree(line));
        }
        return lines;
    }

    /** The command that CLIENT LIST shows for the only client that runs one; waits for it. */
    private String shownCommand() throws Exception {
        Pattern shown = Pattern.compile(" command=(\\S+)");
        StringBuilder id = new StringBuilder();
        Await.until("a command is shown", () -> {
            Matcher matcher = shown.matcher(text(other.call("CLIENT", "LIST")));
            boolean found = matcher.find();
            id.append(found ? matcher.group(1) : "");
            return found;
        });
        return id.toString();
    }

    @Test
    void aNameIsAcceptedWhereverAnIdIs() throws Exception {
        String id = text(call(client, "JOB START NAME web.1 -- cat"));
        List<RespValue> info = values(call(client, "JOB INFO web.1"));
        assertThat(info).hasSize(9);
        assertThat(text(info.get(0))).isEqualTo(id);
        assertThat(text(info.get(8))).isEqualTo("web.1");
        assertThat(values(values(call(client, "JOB LIST")).getFirst()).get(8)).isEqualTo(info.get(8));
        call(other, "SUBSCRIBE job:web.1");
        assertThat(call(client, "JOB WRITE web.1 0 hello")).isEqualTo(new IntegerReply(5));
        assertThat(other.read().toString()).isNotEmpty();
        assertThat(call(client, "JOB READ web.1 0 BLOCK 10000").toString()).contains("running");
        assertThat(call(client, "JOB SIGNAL web.1 CONT")).isEqualTo(SimpleString.OK);
        assertThat(call(client, "JOB EOF web.1")).isEqualTo(SimpleString.OK);
        assertThat(client.run("JOB", "WAIT", "web.1").code()).isZero();
        assertThat(call(client, "JOB WAIT " + id)).isEqualTo(call(client, "JOB WAIT web.1"));
        assertThat(call(client, "JOB RM web.1")).isEqualTo(SimpleString.OK);
        assertThat(call(client, "JOB INFO web.1")).isEqualTo(new ErrorReply("NOJOB no such job 'web.1'"));
        assertThat(call(client, "JOB INFO " + id)).isEqualTo(new ErrorReply("NOJOB no such job '" + id + "'"));
    }

    @Test
    void aJobWithoutANameHasNull() throws Exception {
        String id = text(call(client, "JOB START -- true"));
        assertThat(values(call(client, "JOB INFO " + id)).get(8)).isEqualTo(RespValue.Null.NULL);
    }

    @Test
    void aNameStandsForOneCommandUntilItsEnd() throws Exception {
        String id = text(call(client, "JOB START NAME web -- cat"));
        ErrorReply taken = new ErrorReply("ERR your command " + id + " has the name 'web' and has not ended");
        assertThat(call(client, "JOB START NAME web -- cat")).isEqualTo(taken);
        assertThat(call(client, "RUN NAME web true")).isEqualTo(taken);
        assertThat(client.call("SH", "NAME", "web", "true")).isEqualTo(taken);
        assertThat(call(client, "RUN ID x NAME web true")).isEqualTo(taken);
        call(client, "JOB EOF web");
        client.run("JOB", "WAIT", "web");
        String next = text(call(client, "JOB START NAME web -- cat"));
        assertThat(next).isNotEqualTo(id);
        assertThat(text(values(call(client, "JOB INFO web")).getFirst())).as("the newest has it").isEqualTo(next);
        assertThat(text(values(call(client, "JOB INFO " + id)).getFirst())).isEqualTo(id);
        call(client, "JOB EOF web");
    }

    @Test
    void aCommandOfRunHasTheNameUntilItsEndToo() throws Exception {
        client.request("RUN", "NAME", "one", "sleep", "600");
        String id = shownCommand();
        assertThat(call(other, "RUN NAME one true"))
                .isEqualTo(new ErrorReply("ERR your command " + id + " has the name 'one' and has not ended"));
        client.reset();
        Await.until("the name is free", () -> !(call(other, "RUN NAME one true") instanceof ErrorReply));
        assertThat(other.run("RUN", "NAME", "one", "true").code()).as("again").isZero();
    }

    @Test
    void namesAndLabelsAreChecked() throws Exception {
        for (String name : new String[] {"", ".x", "-x", "a b", "x/y", "ä", "x".repeat(65)}) {
            assertThat(client.call("RUN", "NAME", name, "true")).as(name).isInstanceOf(ErrorReply.class);
        }
        assertThat(client.call("RUN", "LABEL", "k", "a\nb", "true")).isInstanceOf(ErrorReply.class);
        assertThat(client.call("RUN", "LABEL", "k k", "v", "true")).isInstanceOf(ErrorReply.class);
        assertThat(client.call("RUN", "LABEL", "k", "x".repeat(257), "true")).isInstanceOf(ErrorReply.class);
        assertThat(client.run("RUN", "NAME", "x".repeat(64), "LABEL", "k", "x".repeat(256), "true").code()).isZero();
    }

    @Test
    void labelsAndNamesAreInTheAuditLog() throws Exception {
        client.run("RUN", "NAME", "one", "LABEL", "team", "blue green", "LABEL", "ticket", "7", "true");
        JsonNode start = audit().getFirst();
        assertThat(start.get("event").asText()).isEqualTo("start");
        assertThat(start.get("name").asText()).isEqualTo("one");
        assertThat(start.get("labels").get("team").asText()).isEqualTo("blue green");
        assertThat(start.get("labels").get("ticket").asText()).isEqualTo("7");
    }

    @Test
    void aJobsIdIsThatOfTheAuditLog() throws Exception {
        String id = text(call(client, "JOB START STDIN x -- true"));
        client.run("JOB", "WAIT", id);
        assertThat(audit()).hasSize(2).allSatisfy(line -> assertThat(line.get("id").asText()).isEqualTo(id));
    }

    @Test
    void theClientListShowsTheCommandOfARun() throws Exception {
        isShownAsInTheAuditLog("RUN", "sleep", "600");
    }

    @Test
    void theClientListShowsTheCommandOfAStream() throws Exception {
        client.call("HELLO", "3");
        isShownAsInTheAuditLog("RUN", "STREAM", "sleep", "600");
    }

    @Test
    void theClientListShowsTheCommandOfAnId() throws Exception {
        isShownAsInTheAuditLog("RUN", "ID", "once", "sleep", "600");
    }

    private void isShownAsInTheAuditLog(String... words) throws Exception {
        assertThat(text(other.call("CLIENT", "LIST")).lines()).allMatch(line -> line.endsWith(" command="));
        client.request(words);
        String id = shownCommand();
        Await.until("it runs", () -> server.server().service().status().started() == 1);
        assertThat(server.server().stop(Duration.ZERO)).isNotNull();
        assertThat(audit()).hasSize(2).allSatisfy(line -> assertThat(line.get("id").asText()).isEqualTo(id));
    }

    @Test
    void infoTellsWhoWaits() throws Exception {
        try (TestServer narrow = TestServer.start(variant, exec -> exec.withMaxRunning(1));
                RawClient first = Streamed.connect(narrow); RawClient second = narrow.connect();
                RawClient third = narrow.connect(); RawClient probe = narrow.connect()) {
            assertThat(text(probe.call("INFO"))).contains("waiting_commands:0\r\n", "waiting_for_slot:0\r\n",
                    "waiting_for_start:0\r\n");
            first.request("RUN", "STREAM", "cat");
            Streamed.push(first, "started");
            second.request("RUN", "true");
            third.request("JOB", "START", "true");
            Await.until("two wait", () -> text(probe.call("INFO")).contains("waiting_commands:2\r\n"));
            assertThat(text(probe.call("INFO"))).contains("running_commands:1\r\n", "waiting_for_slot:2\r\n",
                    "waiting_for_start:0\r\n");
            first.request("EOF");
            assertThat(RawClient.Reply.of(second.read()).code()).isZero();
            assertThat(third.read()).isInstanceOf(BulkString.class);
            Streamed.readAll(first);
            Await.until("nobody waits", () -> text(probe.call("INFO")).contains("waiting_commands:0\r\n"));
        }
    }
}
