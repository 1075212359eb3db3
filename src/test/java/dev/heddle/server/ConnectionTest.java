package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.net.SocketException;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands around RUN, in the exact bytes that clients see. */
@ParameterizedClass
@EnumSource(Variant.class)
class ConnectionTest {
    @Parameter
    private Variant variant;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(variant);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** All bytes that the server answers to these, on a connection of their own. */
    private static String talk(TestServer server, String bytes) throws Exception {
        try (RawClient client = server.connect()) {
            return client.send(bytes).halfClose().readToEnd();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PING                         | +PONG;
            ping hello                   | $5;hello;
            PING a b                     | -ERR wrong number of arguments for 'ping' command;
            ECHO "a b"                   | $3;a b;
            ECHO                         | -ERR wrong number of arguments for 'echo' command;
            SELECT 0                     | +OK;
            SELECT 1                     | -ERR DB index is out of range;
            SELECT x                     | -ERR invalid DB index;
            CONFIG GET save              | *2;$4;save;$0;;
            CONFIG GET maxmemory         | *0;
            CONFIG SET save x            | -ERR only CONFIG GET is understood; the server is configured at its start;
            HELLO 4                      | -NOPROTO unsupported protocol version;
            HELLO x                      | -ERR Protocol version is not an integer or out of range;
            HELLO 3 FOO                  | -ERR Syntax error in HELLO option 'FOO';
            CLIENT GETNAME               | $-1;
            CLIENT SETNAME a b           | -ERR unknown subcommand or wrong number of arguments for 'SETNAME'. Try ID, GETNAME, SETNAME, SETINFO, INFO, LIST, KILL.;
            CLIENT SETNAME me            | +OK;
            CLIENT SETINFO LIB-NAME x    | +OK;
            CLIENT SETINFO COLOUR x      | -ERR Unrecognized option 'COLOUR';
            CLIENT KILL ID 999           | :0;
            CLIENT KILL ID 0             | -ERR client-id should be greater than 0;
            CLIENT KILL ID               | -ERR No such client;
            CLIENT KILL ID 999 USER      | -ERR syntax error;
            CLIENT KILL COLOUR red       | -ERR syntax error;
            CLIENT KILL TYPE odd         | -ERR Unknown client type 'odd';
            CLIENT KILL USER nobody      | :0;
            CLIENT KILL USER default     | :0;
            CLIENT KILL LADDR 1.2.3.4:5 SKIPME no | :0;
            CLIENT KILL TYPE normal SKIPME maybe | -ERR syntax error;
            CLIENT LIST ID 999           | $0;;
            CLIENT LIST TYPE pubsub      | $0;;
            CLIENT LIST ID x             | -ERR Invalid client ID;
            CLIENT KILL ID 1             | :0;
            CLIENT KILL 1.2.3.4:5        | -ERR No such client;
            AUTH x                       | -ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?;
            AUTH default x               | +OK;
            COMMAND COUNT                | :21;
            RESET                        | +RESET;
            QUIT                         | +OK;
            nonsense 'a b' c             | -ERR unknown command 'nonsense', with args beginning with: 'a b' 'c' ;
            """)
    void answersAsRedisDoes(String request, String reply) throws Exception {
        assertThat(talk(server, request + "\r\n")).isEqualTo(reply.replace(";", "\r\n")
                .replace("understood\r\n the", "understood; the"));
    }

    @Test
    void helloSpeaksBothVersions() throws Exception {
        assertThat(talk(server, "HELLO\r\n")).startsWith("*14\r\n$6\r\nserver\r\n$6\r\nheddle\r\n$7\r\nversion\r\n")
                .contains("$5\r\nproto\r\n:2\r\n");
        assertThat(talk(server, "HELLO 3 SETNAME me\r\nCLIENT GETNAME\r\nRUN true\r\n"))
                .startsWith("%7\r\n$6\r\nserver\r\n").contains("$5\r\nproto\r\n:3\r\n")
                .contains("$7\r\nmodules\r\n*0\r\n$2\r\nme\r\n")
                .contains("\r\n_\r\n:0\r\n:0\r\n:0\r\n").as("peak memory is a RESP3 null");
    }

    @Test
    void resetGoesBackToResp2() throws Exception {
        assertThat(talk(server, "HELLO 3 SETNAME me\r\nRESET\r\nCLIENT GETNAME\r\n")).endsWith("+RESET\r\n$-1\r\n");
    }

    @Test
    void commandsAreDescribed() throws Exception {
        String all = talk(server, "COMMAND\r\n");
        assertThat(all).startsWith("*21\r\n*10\r\n$3\r\nacl\r\n:-2\r\n");
        assertThat(talk(server, "COMMAND INFO\r\n")).as("all when none is named").isEqualTo(all);
        assertThat(talk(server, "COMMAND INFO nonsense Acl\r\n")).startsWith("*2\r\n$-1\r\n*10\r\n$3\r\nacl\r\n");
    }

    @Test
    void infoShowsWhatClientsLookFor() throws Exception {
        assertThat(talk(server, "INFO\r\n")).contains("\r\nredis_version:", "\r\nrole:master\r\n",
                "\r\nloading:0\r\n", "\r\nconnected_clients:1\r\n", "\r\nthread_mode:");
        assertThat(talk(server, "INFO replication\r\n")).contains("role:master").doesNotContain("redis_version");
    }

    @Test
    void clientsSeeAndDisconnectEachOther() throws Exception {
        try (RawClient victim = server.connect(); RawClient other = server.connect()) {
            victim.call("CLIENT", "SETNAME", "victim");
            String list = ((BulkString) other.call("CLIENT", "LIST")).text();
            assertThat(list.lines()).hasSize(2).anyMatch(line -> line.contains(" name=victim "));
            long id = ((IntegerReply) victim.call("CLIENT", "ID")).value();
            assertThat(other.call("CLIENT", "KILL", "ID", Long.toString(id))).hasToString("IntegerReply[value=1]");
            assertThat(victim.readToEnd()).isEmpty();
        }
    }

    @Test
    void killingAClientEndsItsCommandsTree() throws Exception {
        String mark = UUID.randomUUID().toString();
        try (RawClient victim = server.connect(); RawClient other = server.connect()) {
            victim.request("SH", "ENV", "MARK", mark, "sleep 600 & sleep 600");
            Await.until("it runs", () -> HostProcesses.withVariable("MARK", mark).size() == 3);
            assertThat(other.call("CLIENT", "KILL", "TYPE", "normal", "LADDR", "127.0.0.1:" + server.port(), "USER",
                    "default")).hasToString("IntegerReply[value=1]");
            Await.until("the tree is gone", () -> HostProcesses.withVariable("MARK", mark).isEmpty());
            assertThat(other.call("PING")).hasToString("SimpleString[text=PONG]");
        }
    }

    @Test
    void whoMeansHimselfIsAnsweredFirst() throws Exception {
        assertThat(talk(server, "CLIENT KILL TYPE normal SKIPME no\r\n")).isEqualTo(":1\r\n");
        try (RawClient client = server.connect()) {
            client.send("CLIENT KILL 127.0.0.1:" + client.socket().getLocalPort() + "\r\n");
            assertThat(client.readToEnd()).isEqualTo("+OK\r\n");
        }
    }

    @Test
    void quitEndsTheConnectionAfterEarlierReplies() throws Exception {
        try (RawClient client = server.connect()) {
            client.send("SH \"sleep 0.1; echo a\"\r\nQUIT\r\nPING\r\n");
            assertThat(client.readToEnd()).contains("$2\r\na\n\r\n").endsWith("+OK\r\n");
        }
    }

    @Test
    void aPasswordIsNeeded() throws Exception {
        try (TestServer locked = TestServer.start(variant, Optional.of("open sesame"), limits -> limits)) {
            assertThat(talk(locked, "PING\r\nRUN true\r\nnonsense\r\nQUIT\r\n")).isEqualTo(
                    "-NOAUTH Authentication required.\r\n".repeat(3) + "+OK\r\n");
            assertThat(talk(locked, "AUTH wrong\r\nAUTH other 'open sesame'\r\nPING\r\n")).isEqualTo(
                    "-WRONGPASS invalid username-password pair or user is disabled.\r\n".repeat(2)
                            + "-NOAUTH Authentication required.\r\n");
            assertThat(talk(locked, "AUTH 'open sesame'\r\nPING\r\nRESET\r\nPING\r\n")).isEqualTo(
                    "+OK\r\n+PONG\r\n+RESET\r\n-NOAUTH Authentication required.\r\n");
            assertThat(talk(locked, "AUTH 'open sesame'\r\nSH 'sleep 0.1'\r\nRESET\r\nRUN true\r\n"))
                    .endsWith("+RESET\r\n-NOAUTH Authentication required.\r\n");
            assertThat(talk(locked, "AUTH default 'open sesame'\r\nPING\r\n")).isEqualTo("+OK\r\n+PONG\r\n");
            assertThat(talk(locked, "HELLO 3 AUTH default 'open sesame'\r\nPING\r\n")).startsWith("%7\r\n")
                    .endsWith("+PONG\r\n");
            assertThat(talk(locked, "HELLO 3\r\n")).startsWith("-NOAUTH HELLO must be called with");
            assertThat(talk(locked, "HELLO 3 AUTH default x\r\nPING\r\n")).isEqualTo(
                    "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
                            + "-NOAUTH Authentication required.\r\n");
        }
    }

    @Test
    void strangersGetSmallLimits() throws Exception {
        try (TestServer locked = TestServer.start(variant, Optional.of("open sesame"), limits -> limits)) {
            assertThat(talk(locked, "*11\r\n")).isEqualTo(
                    "-ERR Protocol error: unauthenticated multibulk length\r\n");
            assertThat(talk(locked, "*2\r\n$4\r\nAUTH\r\n$16385\r\n")).isEqualTo(
                    "-ERR Protocol error: unauthenticated bulk length\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            *x\\r\\n                        | invalid multibulk length
            *99999999999\\r\\n              | invalid multibulk length
            *2000000\\r\\n                  | invalid multibulk length
            *1\\r\\n+PING\\r\\n             | expected '$', got '+'
            *1\\r\\n\\x01\\r\\n             | expected '$', got '\\x01'
            *1\\r\\n$x\\r\\n                | invalid bulk length
            *1\\r\\n$-1\\r\\n               | invalid bulk length
            *1\\r\\n$+4\\r\\nPING\\r\\n     | invalid bulk length
            *1\\r\\n$04\\r\\nPING\\r\\n     | invalid bulk length
            *1\\r\\n$67108865\\r\\n         | invalid bulk length
            *1\\r\\n$4\\r\\nPINGPONG\\r\\n  | expected CRLF after bulk
            ECHO "a\\r\\n                   | unbalanced quotes in request
            ECHO "a"b\\r\\n                 | unbalanced quotes in request
            """)
    void protocolErrorsAreAnsweredOnceAndEndTheConnection(String bytes, String error) throws Exception {
        String request = bytes.replace("\\r\\n", "\r\n").replace("\\x01", "\1");
        try (RawClient client = server.connect()) {
            client.send("PING\r\n" + request + "PING\r\n".repeat(1000));
            assertThat(client.readToEnd()).isEqualTo("+PONG\r\n-ERR Protocol error: " + error + "\r\n");
        }
    }

    @Test
    void tooLongLinesAreRefused() throws Exception {
        String longLine = "x".repeat(70_000);
        assertThat(talk(server, longLine)).isEqualTo("-ERR Protocol error: too big inline request\r\n");
        assertThat(talk(server, "*" + longLine)).isEqualTo("-ERR Protocol error: too big mbulk count string\r\n");
        assertThat(talk(server, "*1\r\n$" + longLine)).isEqualTo(
                "-ERR Protocol error: too big bulk count string\r\n");
    }

    @Test
    void emptyRequestsAreSkipped() throws Exception {
        assertThat(talk(server, "\r\n\r\n*0\r\n*-1\r\nPING\r\n")).isEqualTo("+PONG\r\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST / HTTP/1.1\\r\\nContent-Length: 30\\r\\n\\r\\nRUN touch /tmp/x\\r\\n
            GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            post\\r\\nPING\\r\\n
            Host: 127.0.0.1:7379\\r\\nPING\\r\\n
            *1\\r\\n$4\\r\\nPOST\\r\\nPING\\r\\n
            """)
    void browsersAreDisconnectedWithoutAnAnswer(String bytes) throws Exception {
        try (RawClient client = server.connect()) {
            client.send(bytes.replace("\\r\\n", "\r\n"));
            assertThat(readUntilGone(client)).isEmpty();
        }
        assertThat(server.server().service().status().started()).isZero();
    }

    @Test
    void tlsOnThePlainPortIsDisconnected() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
            assertThat(readUntilGone(client)).isEmpty();
        }
    }

    /** Closing with unread input resets the connection, which is an end too. */
    private static String readUntilGone(RawClient client) throws Exception {
        try {
            return client.readToEnd();
        } catch (SocketException e) {
            return "";
        }
    }
}
