package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.TokenHash;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.Await;
import dev.heddle.testing.OwnFile;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user with a policy may run, and all the ways around it that do not work. */
@ParameterizedClass
@EnumSource(value = Variant.class, names = {"VIRTUAL_NATIVE", "PLATFORM_JDK"})
class PolicyTest {
    @Parameter
    private Variant variant;

    @TempDir
    private Path root;

    private Access access;
    private TestServer server;
    private RawClient ci;

    @BeforeEach
    void start() throws Exception {
        root = root.toRealPath();
        for (String name : List.of("bin", "work/deep", "work2", "secret", "elsewhere")) {
            Files.createDirectories(root.resolve(name));
        }
        script("bin/hello", "echo \"$0 $*\"; pwd -P");
        script("bin/multi", "echo \"as ${0##*/}\"");
        script("secret/echo", "echo caught");
        script("work/copy", "echo caught");
        link("bin/hi", "bin/hello");
        link("bin/list", "bin/multi"); // like busybox: one file that does what it is called
        link("bin/remove", "bin/multi");
        link("work/hello", "/bin/sh"); // the name of an allowed program
        link("work/list", "bin/multi");
        link("work/tools", "bin");
        link("work/out", "secret");
        link("elsewhere/in", "work");
        String hash = TokenHash.of("secret").toString();
        access = Access.fromFile(OwnFile.write(root.resolve("users.yaml"), """
                ada:
                  sha256: HASH
                ci:
                  sha256: HASH
                  policy:
                    programs:
                      - ROOT/bin/hello
                      - ROOT/bin/list
                      - ROOT/bin/gone
                      - [/bin/echo, a, --]
                    directories: [ROOT/work]
                    environment: [COLOR]
                    maxTimeout: 60s
                sleeper:
                  sha256: HASH
                  policy:
                    programs: [/bin/sleep]
                    sh: true
                    maxTimeout: 300ms
                    maxConcurrent: 1
                nothing:
                  sha256: HASH
                  policy: {}
                """.replace("HASH", hash).replace("ROOT", root.toString())));
        server = TestServer.start(variant, access);
        ci = login("ci");
    }

    @AfterEach
    void stop() throws IOException {
        Files.delete(root.resolve("work/hello")); // JUnit warns of links that lead out
        ci.close();
        server.close();
        access.close();
    }

    private void script(String name, String text) throws IOException {
        Files.setPosixFilePermissions(Files.writeString(root.resolve(name), "#!/bin/sh\n" + text + "\n"),
                PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), root.resolve(target));
    }

    private RawClient login(String user) throws IOException {
        RawClient client = server.connect();
        assertThat(client.call("AUTH", user, "secret")).isEqualTo(SimpleString.OK);
        return client;
    }

    private String path(String name) {
        return root.resolve(name).toString();
    }

    private static String error(RespValue value) {
        assertThat(value).isInstanceOf(ErrorReply.class);
        return ((ErrorReply) value).text();
    }

    private void denied(String... words) throws IOException {
        assertThat(error(ci.call(words))).as(Arrays.toString(words)).startsWith("DENIED ")
                .endsWith(" in your policy").doesNotContain("\r", "\n");
    }

    @Test
    void whatThePolicyNamesRuns() throws Exception {
        String hello = path("bin/hello");
        assertThat(ci.run("RUN", hello).out()).as("starts in the first directory")
                .isEqualTo(hello + " \n" + path("work") + "\n");
        assertThat(ci.run("RUN", hello, "-x", "$(id)", ";").out()).startsWith(hello + " -x $(id) ;\n");
        assertThat(ci.run("RUN", "--", path("bin/../bin/./hello")).out()).startsWith(hello + " \n");
        assertThat(ci.run("RUN", path("work/tools/hello")).out()).as("through a link").startsWith(hello + " \n");
        assertThat(ci.run("RUN", "./tools/hello").out()).as("from where it starts").startsWith(hello + " \n");
        assertThat(ci.run("RUN", "CWD", path("work/deep"), "../tools/hello").out())
                .isEqualTo(hello + " \n" + path("work/deep") + "\n");
        assertThat(ci.run("RUN", "CWD", path("elsewhere/in"), hello).out()).endsWith(path("work") + "\n");
        assertThat(ci.run("RUN", "CWD", path("work") + "/", hello).out()).endsWith(path("work") + "\n");
        assertThat(ci.run("RUN", "CWD", path("work/deep/.."), hello).out()).endsWith(path("work") + "\n");
        assertThat(ci.run("RUN", "echo", "a", "--").out()).as("found on the server's PATH").isEqualTo("a --\n");
        assertThat(ci.run("RUN", "/bin/echo", "a", "--").out()).isEqualTo("a --\n");
        assertThat(ci.run("RUN", "ENV", "COLOR", "red", hello).code()).isZero();
        assertThat(ci.run("RUN", path("bin/list")).out()).isEqualTo("as list\n");
        assertThat(ci.run("RUN", "TIMEOUT", "60000", hello).code()).isZero();
    }

    /** What was looked at, by its bytes, was inside; what the same name is as text may lead anywhere. */
    @Test
    void aLinkToWhatIsNoTextIsNoWayToASimilarName() throws Exception {
        String folder = "mkdir \"$0/$(printf 'x\\351')\" && ln -s \"$(printf 'x\\351')\" \"$0/odd\"";
        assertThat(new ProcessBuilder("sh", "-c", folder, path("work")).start().waitFor()).isZero();
        link("work/x\ufffd", "secret");
        try {
            denied("RUN", "CWD", path("work/odd"), path("bin/hello"));
        } finally {
            Files.delete(root.resolve("work/x\ufffd"));
        }
    }

    @Test
    void programsThatItDoesNotNameDoNotRun() throws Exception {
        long started = server.server().service().status().started();
        denied("RUN", "true");
        denied("RUN", "hello");
        denied("RUN", "/bin/sh", "-c", "id");
        denied("RUN", "sh", "-c", "id");
        denied("RUN", "STDIN", "id", "sh");
        denied("RUN", "ID", "1", "sh");
        denied("JOB", "START", "sh");
        denied("JOB", "START", "ID", "1", "--", path("work/copy"));
        denied("RUN", path("bin/multi"));
        denied("RUN", path("work/copy"));
        denied("RUN", path("bin/gone"));
        denied("RUN", path("bin"));
        denied("RUN", "");
        denied("RUN", "--", "--");
        denied("RUN", "--", "-c");
        denied("RUN", path("bin/hello") + "\0");
        denied("RUN", path("bin/hello") + "\0.txt");
        denied("RUN", "/bin/echo\0");
        denied("RUN", "\ufffd");
        denied("RUN", path("bin/hello") + " x");
        denied("RUN", "x".repeat(100_000));
        denied("RUN", path("work/../secret/echo"), "a", "--");
        denied("RUN", path("work/out/echo"), "a", "--");
        denied("RUN", "out/echo", "a", "--");
        assertThat(error(ci.request("RUN".getBytes(), new byte[] {'/', (byte) 0xff}).read())).startsWith("DENIED ");
        assertThat(ci.call("HELLO", "3")).isInstanceOf(RespValue.MapReply.class);
        denied("RUN", "STREAM", "sh");
        assertThat(server.server().service().status().started()).as("nothing ran").isEqualTo(started);
    }

    /** The file that a name leads to decides, and so does its own name. */
    @Test
    void namesAndLinksAreNoWayAround() throws Exception {
        denied("RUN", path("work/hello"), "-c", "id");
        denied("RUN", "./hello", "-c", "id");
        denied("RUN", "CWD", path("work"), "./hello");
        denied("RUN", path("bin/hi"));
        denied("RUN", path("bin/remove"));
        assertThat(ci.run("RUN", path("work/list")).out()).as("a link of the same name: what runs is the policy's path")
                .isEqualTo("as list\n");
        Files.delete(root.resolve("bin/hello"));
        link("bin/hello", "secret/echo"); // by the operator, whose path it is
        assertThat(ci.run("RUN", path("bin/hello")).out()).isEqualTo("caught\n");
        denied("RUN", path("secret/echo"));
    }

    @Test
    void exactArgumentsAreExact() throws Exception {
        for (String[] arguments : new String[][] {{}, {"a"}, {"a", "--", "b"}, {"--", "a"}, {"a --"}, {"A", "--"},
            {"a", "--\0"}, {"a", ""}, {"a", "--", ""}, {"-n", "a", "--"}}) {
            List<String> words = new ArrayList<>(List.of("RUN", "--", "/bin/echo"));
            words.addAll(List.of(arguments));
            denied(words.toArray(String[]::new));
        }
    }

    @Test
    void thePathAndOtherVariablesAreNotTheClients() throws Exception {
        for (String name : List.of("PATH", "LD_PRELOAD", "BASH_ENV", "ENV", "IFS", "PS4", "PYTHONPATH", "color", "COLO",
                "COLOR ", "BASH_FUNC_echo%%")) {
            denied("RUN", "ENV", name, path("secret"), "echo", "a", "--");
            denied("RUN", "ENV", "COLOR", "x", "ENV", name, "x", "echo", "a", "--");
        }
        assertThat(error(ci.call("RUN", "ENV", "COLOR\0PATH", "x", "echo", "a", "--"))).startsWith("ERR syntax: ENV");
        assertThat(error(ci.call("RUN", "ENV", "COLOR=x", "x", "echo", "a", "--"))).startsWith("ERR syntax: ENV");
    }

    @Test
    void otherDirectoriesAreNoneAndDoNotTellWhetherTheyAreThere() throws Exception {
        String hello = path("bin/hello");
        for (String directory : List.of("/", "/root", path("secret"), path("work2"), path("work/../secret"),
                path("work/out"), path("work/out/."), path("work/deep/../../secret"), ".", "..", "work", "~",
                path("work") + "\0", path("work") + "\0/../secret", path("no/such"), path("work/no-such"))) {
            denied("RUN", "CWD", directory, hello);
            denied("JOB", "START", "CWD", directory, hello);
        }
        String there = error(ci.call("RUN", "CWD", path("secret"), hello));
        assertThat(error(ci.call("RUN", "CWD", path("absent"), hello))).isEqualTo(there.replace("secret", "absent"));
    }

    @Test
    void shIsARightOfItsOwn() throws Exception {
        denied("SH", "id");
        denied("SH", "--", "echo a --");
        denied("SH", "STDIN", "x", "exec " + path("bin/hello"));
        try (RawClient sleeper = login("sleeper")) {
            assertThat(sleeper.run("SH", "pwd").out()).as("no directories: commands start at the root")
                    .isEqualTo("/\n");
            assertThat(error(sleeper.call("RUN", "sh", "-c", "pwd"))).startsWith("DENIED ");
            assertThat(error(sleeper.call("SH", "CWD", "/", "pwd"))).startsWith("DENIED CWD");
        }
    }

    @Test
    void timeIsLimited() throws Exception {
        try (RawClient sleeper = login("sleeper")) {
            assertThat(sleeper.run("RUN", "sleep", "60").state()).isEqualTo("timeout");
            assertThat(sleeper.run("RUN", "TIMEOUT", "5", "sleep", "60").state()).isEqualTo("timeout");
            assertThat(error(sleeper.call("RUN", "TIMEOUT", "301", "sleep", "60")))
                    .isEqualTo("DENIED TIMEOUT is at most 300 in your policy");
            RespValue job = sleeper.call("JOB", "START", "sleep", "60");
            assertThat(Reply.of(sleeper.call("JOB", "WAIT", ((BulkString) job).text())).state()).isEqualTo("timeout");
        }
    }

    @Test
    void theNumberOfCommandsIsLimitedForEachUserOverAllConnections() throws Exception {
        Path users = root.resolve("users.yaml");
        OwnFile.write(users, Files.readString(users).replace("maxTimeout: 300ms", "maxTimeout: 1h"));
        access.reload();
        try (RawClient one = login("sleeper"); RawClient other = login("sleeper"); RawClient ada = login("ada")) {
            String job = ((BulkString) one.call("JOB", "START", "sleep", "600")).text();
            String busy = "BUSY 1 commands of user 'sleeper' are running, which is the most allowed";
            assertThat(error(other.call("RUN", "sleep", "0"))).isEqualTo(busy);
            assertThat(error(other.call("JOB", "START", "sleep", "0"))).isEqualTo(busy);
            assertThat(error(one.call("SH", "true"))).isEqualTo(busy);
            assertThat(ada.run("RUN", "sleep", "0").code()).isZero();
            assertThat(ci.run("RUN", "echo", "a", "--").code()).isZero();
            one.call("JOB", "SIGNAL", job, "KILL");
            one.call("JOB", "WAIT", job);
            Await.until("it is free again",
                    () -> other.call("RUN", "sleep", "0") instanceof RespValue.ArrayReply);
            for (int i = 0; i < 20; i++) {
                assertThat(error(other.call("RUN", "sleeep", "0"))).startsWith("DENIED ");
            }
            assertThat(other.run("RUN", "sleep", "0").code()).as("what was refused is not counted").isZero();
        }
    }

    @Test
    void anEmptyPolicyAllowsNothingAndNoneAllowsAll() throws Exception {
        try (RawClient nothing = login("nothing"); RawClient ada = login("ada")) {
            assertThat(error(nothing.call("RUN", "true"))).isEqualTo("DENIED 'true' is not in your policy");
            assertThat(error(nothing.call("SH", "true"))).isEqualTo("DENIED SH is not in your policy");
            assertThat(nothing.call("PING")).hasToString("SimpleString[text=PONG]");
            assertThat(ada.run("SH", "CWD", "/", "ENV", "PATH", "/bin:/usr/bin", "pwd").out()).isEqualTo("/\n");
        }
    }

    @Test
    void usersDoNotSeeEachOther() throws Exception {
        try (RawClient ada = login("ada"); RawClient second = login("ci")) {
            String job = ((BulkString) ada.call("JOB", "START", "sleep", "600")).text();
            assertThat(error(ci.call("JOB", "INFO", job))).startsWith("NOJOB ");
            assertThat(error(ci.call("JOB", "SIGNAL", job, "KILL"))).startsWith("NOJOB ");
            assertThat(ci.call("JOB", "LIST")).hasToString("ArrayReply[values=[]]");
            assertThat(ada.run("RUN", "ID", "same", "echo", "ada's").out()).isEqualTo("ada's\n");
            assertThat(ci.run("RUN", "ID", "same", "echo", "a", "--").out()).isEqualTo("a --\n");
            long adas = ((IntegerReply) ada.call("CLIENT", "ID")).value();
            long seconds = ((IntegerReply) second.call("CLIENT", "ID")).value();
            assertThat(list(ci)).contains("user=ci ").doesNotContain("user=ada ").hasLineCount(2);
            assertThat(list(ada)).contains("user=ci ", "user=ada ").hasLineCount(3);
            assertThat(ci.call("CLIENT", "KILL", "ID", Long.toString(adas))).isEqualTo(new IntegerReply(0));
            assertThat(ci.call("CLIENT", "KILL", "USER", "ada")).isEqualTo(new IntegerReply(0));
            assertThat(ada.call("PING")).hasToString("SimpleString[text=PONG]");
            assertThat(ci.call("CLIENT", "KILL", "ID", Long.toString(seconds))).isEqualTo(new IntegerReply(1));
            Await.until("it is gone", () -> list(ada).lines().count() == 2);
            assertThat(ada.call("CLIENT", "KILL", "USER", "ci")).isEqualTo(new IntegerReply(1));
            assertThat(ada.call("JOB", "SIGNAL", job, "KILL")).isEqualTo(SimpleString.OK);
        }
    }

    private static String list(RawClient client) throws IOException {
        return ((BulkString) client.call("CLIENT", "LIST")).text().strip();
    }
}
