package dev.heddle.testing;

import dev.heddle.job.JobLimits;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.ListenAddress;
import dev.heddle.server.ServerConfig;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Security;
import dev.heddle.server.ServerConfig.Transports;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A server that knows every protocol and may be sent anything: it starts harmless programs only. It also knows what
 * it held when it was new, and so whether it has given everything back.
 */
public final class HarmlessServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60); // stand-ins for blocked carriers stay for 30 s
    private static final List<String> ADDRESSES =
            List.of("resp://127.0.0.1:0", "ready://127.0.0.1:0", "upper://127.0.0.1:0");

    private final HeddleServer server;
    private final long threads;
    private final long descriptors;

    /** Without resps:// unless the transports have a certificate. */
    public HarmlessServer(Variant variant, Transports transports, UnaryOperator<Limits> change) throws Exception {
        Limits defaults = Limits.defaults();
        Limits limits = defaults.with(defaults.connections().withHangupGrace(Duration.ofSeconds(20))) // may be busy
                .withJobs(new JobLimits(20, Duration.ofSeconds(1)))
                .withExec(defaults.exec().withKillGrace(Duration.ofMillis(500)));
        List<ListenAddress> addresses = Stream.concat(ADDRESSES.stream(),
                transports.tls().stream().map(tls -> "resps://127.0.0.1:0")).map(ListenAddress::parse).toList();
        server = HeddleServer.start(new ServerConfig(addresses, variant.threads(), new HarmlessEngine(variant.engine()),
                new Security(Optional.empty(), false, true), change.apply(limits)).with(transports));
        try (RawClient client = connect()) {
            client.run("RUN", "true"); // whatever is set up once is set up now
        }
        Await.until("idle", () -> HostProcesses.children() == 0 && server.clients().connected() == 0);
        threads = HostProcesses.threads();
        descriptors = HostProcesses.descriptors();
    }

    public HeddleServer server() {
        return server;
    }

    /** The port of the protocol's listener. */
    public int port(ListenAddress.Scheme scheme) {
        return server.addresses().stream().filter(address -> address.scheme() == scheme).findFirst().orElseThrow()
                .port();
    }

    public RawClient connect() throws IOException {
        return new RawClient(port(ListenAddress.Scheme.RESP));
    }

    /**
     * Fails unless a good client is served, and everything that other clients have made the server hold is given
     * back. No client may be connected any more.
     */
    public void awaitAsNew() throws Exception {
        try (RawClient good = connect()) {
            if (!good.call("PING").toString().contains("PONG") || !good.run("RUN", "echo", "on").out().equals("on\n")) {
                throw new AssertionError("a good client is not served");
            }
            Await.until("no memory is reserved", PATIENCE, () -> {
                good.call("JOB", "START", "true"); // what has an ID is forgotten when the next job comes
                removeJobs(good);
                return server.service().status().budgetUsedBytes() == 0;
            });
        }
        Await.until("no client is left", PATIENCE, () -> server.clients().connected() == 0);
        Await.until("no child is left", PATIENCE, () -> HostProcesses.children() == 0);
        Await.until("nothing runs or waits", PATIENCE,
                () -> server.service().status().running() == 0 && server.service().status().waiting() == 0);
        Await.until("descriptors are back", PATIENCE, () -> HostProcesses.descriptors() <= descriptors);
        Await.until("threads are back", PATIENCE, () -> HostProcesses.threads() <= threads + 2);
    }

    private static void removeJobs(RawClient client) throws IOException {
        for (RespValue job : ((ArrayReply) client.call("JOB", "LIST")).values()) {
            String id = ((BulkString) ((ArrayReply) job).values().getFirst()).text();
            client.call("JOB", "WAIT", id);
            client.call("JOB", "RM", id);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
