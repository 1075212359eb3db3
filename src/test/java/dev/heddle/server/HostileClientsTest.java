package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.server.ListenAddress.Scheme;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.testing.Await;
import dev.heddle.testing.HarmlessServer;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.Variant;
import dev.heddle.tls.ServerTls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that leave at any moment, stay and say nothing, or speak something else. Then the server is as new. */
@ParameterizedClass
@EnumSource(names = {"VIRTUAL_NATIVE", "PLATFORM_NATIVE"})
@Timeout(300)
class HostileClientsTest {
    private static final long SEED = 4242;

    @TempDir
    private static Path directory;

    private static TestAuthority authority;
    private static ServerTls tls;

    @Parameter
    private Variant variant;

    private final Random random = new Random(SEED);
    private HarmlessServer server;

    @BeforeAll
    static void issue() throws Exception {
        authority = new TestAuthority(directory);
        tls = new ServerTls(TestAuthority.identity(authority.issueForLoopback("server"), Optional.empty()),
                ServerTls.ClientAuth.NONE);
    }

    @BeforeEach
    void start() throws Exception {
        server = new HarmlessServer(variant, Transports.PLAIN.withTls(tls).withHandshakeTime(Duration.ofSeconds(5)),
                limits -> limits.with(limits.timeouts().withRequest(Duration.ofSeconds(2)))
                        .with(limits.connections().withWriteTimeout(Duration.ofSeconds(2))));
        try (SSLSocket socket = secure()) {
            socket.startHandshake(); // whatever TLS sets up once is set up now
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** The large runs are for the usual threads. */
    private int count(int large) {
        return variant == Variant.VIRTUAL_NATIVE ? large : large / 5;
    }

    private void report(String format, Object... values) throws Exception {
        server.awaitAsNew();
        System.out.println("hostile: " + String.format(format, values) + ", " + variant);
    }

    private SSLSocket secure() throws Exception {
        return (SSLSocket) authority.clientContext(Optional.empty()).getSocketFactory()
                .createSocket("127.0.0.1", server.port(Scheme.RESPS));
    }

    private static byte[] readAll(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        try {
            return socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            return new byte[0]; // cut off
        }
    }

    /** Sends what it can, ends its side, and waits for the server to end the other. */
    private byte[] exchange(Scheme scheme, byte[]... packets) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port(scheme))) {
            socket.setTcpNoDelay(true);
            socket.setSoLinger(true, 0);
            try {
                for (byte[] packet : packets) {
                    socket.getOutputStream().write(packet);
                }
                socket.shutdownOutput();
            } catch (SocketException e) {
                // it was cut off before it had said everything
            }
            return readAll(socket);
        }
    }

    @Test
    void clientsLeaveAtAnyMoment() throws Exception {
        byte[] session = HostileFrames.latin1("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\nPING\r\n"
                + "*4\r\n$3\r\nRUN\r\n$2\r\n--\r\n$4\r\necho\r\n$1\r\na\r\nRUN STREAM echo b\r\nSTDIN x\r\nEOF\r\n"
                + "JOB START echo c\r\nJOB LIST\r\nSUBSCRIBE job:x\r\nUNSUBSCRIBE\r\nRUN STDIN abc echo d\r\nQUIT\r\n");
        int left = 0;
        for (int at = 0; at <= session.length; at += variant == Variant.VIRTUAL_NATIVE ? 1 : 5) {
            for (int how = 0; how < 3; how++) {
                try (Socket socket = new Socket("127.0.0.1", server.port(Scheme.RESP))) {
                    socket.setSoLinger(how != 0, 0);
                    socket.getOutputStream().write(session, 0, at);
                    if (how == 2) {
                        socket.shutdownOutput();
                        int unused = socket.getInputStream().read(); // and the rest is never read
                    }
                }
                left++;
            }
        }
        report("%d clients left after each byte of a session, with FIN, RST, and in the middle of a reply", left);
    }

    @Test
    void halfRequestsAreCutOffAndNobodyWaitsForThem() throws Exception {
        HostileFrames frames = new HostileFrames(SEED);
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count(500); i++) {
            RawClient client = server.connect();
            byte[] frame = HostileFrames.multibulk(List.of(HostileFrames.latin1("ECHO"), frames.wellFramed().bytes()));
            client.send(Arrays.copyOf(frame, 1 + random.nextInt(frame.length - 1)));
            clients.add(client);
        }
        try (RawClient good = server.connect()) {
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                assertThat(good.call("PING")).hasToString("SimpleString[text=PONG]");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            }
        }
        for (RawClient client : clients) {
            assertThat(client.readToEnd()).isEqualTo("-ERR the request came too slowly: connection closed\r\n");
            client.close();
        }
        report("%d half requests, seed %d", clients.size(), SEED);
    }

    @Test
    void clientsThatNeverReadAreCutOff() throws Exception {
        byte[] request = HostileFrames.multibulk(List.of(HostileFrames.latin1("ECHO"), new byte[1 << 20]));
        List<Socket> clients = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < count(20); i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port(Scheme.RESP)));
            clients.add(socket);
            writers.add(Thread.ofVirtual().start(() -> assertThatThrownBy(() -> {
                while (true) {
                    socket.getOutputStream().write(request);
                }
            }).isInstanceOf(IOException.class)));
        }
        try (RawClient good = server.connect()) {
            assertThat(good.call("PING")).hasToString("SimpleString[text=PONG]");
        }
        for (Thread writer : writers) {
            assertThat(writer.join(Duration.ofSeconds(60))).as("it was cut off").isTrue();
        }
        for (Socket socket : clients) {
            socket.close();
        }
        report("%d clients that never read", clients.size());
    }

    @Test
    void whatSpeaksHttpOrTlsRunsNothing() throws Exception {
        long started = server.server().service().status().started();
        byte[] hello = clientHello();
        List<byte[]> foreign = new ArrayList<>(List.of(hello));
        for (String text : List.of("GET / HTTP/1.1\r\nHost: x\r\n\r\nRUN echo a\r\n",
                "GET / HTTP/1.0\r\n\r\nRUN echo a\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nRUN echo a\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nRUN echo a\r\n",
                "post /\r\nRUN echo a\r\n", "Accept: x\r\nhOsT: y\r\nRUN echo a\r\n",
                "OPTIONS * HTTP/1.1\r\nRUN echo a\r\n\r\n")) {
            foreign.add(HostileFrames.latin1(text));
        }
        int connections = 0;
        for (byte[] bytes : foreign) {
            for (int at = 1; at < bytes.length; at += variant == Variant.VIRTUAL_NATIVE ? 1 : 7) {
                byte[] answer = exchange(Scheme.RESP, Arrays.copyOf(bytes, at),
                        Arrays.copyOfRange(bytes, at, bytes.length));
                assertThat(new String(answer)).as("%s split at %d", HostileFrames.shown(bytes), at)
                        .doesNotContain("exited");
                connections++;
            }
        }
        assertThat(server.server().service().status().started()).isEqualTo(started);
        report("%d clients that spoke HTTP or TLS on the plain port, split at every byte", connections);
    }

    /** The first bytes of a client of TLS. */
    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(32 << 10);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void garbageOnTheTlsPortEndsItsOwnConnectionOnly() throws Exception {
        byte[] hello = clientHello();
        int connections = count(600);
        for (int i = 0; i < connections; i++) {
            byte[] bytes = switch (i % 6) {
                case 0 -> changed(hello, 1 + random.nextInt(4));
                case 1 -> Arrays.copyOf(hello, random.nextInt(hello.length));
                case 2 -> record(random.nextInt(256), random.nextInt(1 << 16), noise(random.nextInt(3000)));
                case 3 -> record(20 + random.nextInt(5), random.nextInt(400), noise(random.nextInt(400)));
                case 4 -> noise(1 + random.nextInt(3000));
                default -> joined(hello, record(20 + random.nextInt(5), 200, noise(200)));
            };
            try {
                exchange(Scheme.RESPS, bytes);
            } catch (IOException e) {
                throw new AssertionError("these bytes: " + HostileFrames.shown(bytes), e);
            }
        }
        for (int i = 0; i < count(60); i++) {
            garbageBehindTheHandshake();
        }
        try (RawClient good = new RawClient(secure())) {
            assertThat(good.call("PING")).hasToString("SimpleString[text=PONG]");
        }
        report("%d connections with garbage for TLS, %d with garbage behind its handshake, seed %d", connections,
                count(60), SEED);
    }

    private void garbageBehindTheHandshake() throws Exception {
        try (Socket raw = new Socket("127.0.0.1", server.port(Scheme.RESPS))) {
            raw.setSoLinger(true, 0);
            SSLSocket socket = (SSLSocket) authority.clientContext(Optional.empty()).getSocketFactory()
                    .createSocket(raw, "127.0.0.1", server.port(Scheme.RESPS), false);
            RawClient client = new RawClient(socket);
            assertThat(client.call("PING")).hasToString("SimpleString[text=PONG]");
            raw.getOutputStream().write(record(20 + random.nextInt(5), 100, noise(100)));
            raw.shutdownOutput();
            readAll(raw);
        }
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] changed(byte[] bytes, int times) {
        byte[] changed = bytes.clone();
        for (int i = 0; i < times; i++) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return changed;
    }

    /** A record of TLS 1.2 with the length that it claims. */
    private static byte[] record(int type, int length, byte[] content) {
        return joined(new byte[] {(byte) type, 3, 3, (byte) (length >> 8), (byte) length}, content);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    @Test
    void garbageForTheAncestorsPortsIsAnsweredOrRefused() throws Exception {
        int connections = count(300);
        for (int i = 0; i < connections; i++) {
            byte[] first = noise(1 + random.nextInt(1100));
            byte[] second = random.nextBoolean() ? HostileFrames.latin1("Start") : noise(1 + random.nextInt(60));
            byte[] answer = exchange(Scheme.READY, first, second);
            assertThat(answer.length).as(HostileFrames.shown(first)).isLessThan(8192);
            byte[] upper = exchange(Scheme.UPPER, first, second);
            assertThat(upper).as(HostileFrames.shown(first)).isNotEmpty();
        }
        Await.until("nothing runs", () -> server.server().service().status().running() == 0);
        report("%d connections each with garbage for ready:// and upper://, seed %d", connections, SEED);
    }
}
