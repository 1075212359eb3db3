package dev.heddle.testing;

import dev.heddle.access.Access;
import dev.heddle.run.RunLimits;
import dev.heddle.server.HeddleServer;
import dev.heddle.server.ListenAddress;
import dev.heddle.server.Observers;
import dev.heddle.server.ServerConfig;
import dev.heddle.server.ServerConfig.Ancestors;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Security;
import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.server.UnsafeStartException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A server in this JVM, on loopback and a port of the system's choice. */
public final class TestServer implements AutoCloseable {
    public static final Duration HANGUP_GRACE = Duration.ofSeconds(1);

    private final HeddleServer server;

    private TestServer(ServerConfig config, Observers observers) throws IOException, UnsafeStartException {
        server = HeddleServer.start(config, observers);
    }

    public static TestServer start(Variant variant) throws IOException, UnsafeStartException {
        return start(variant, Optional.empty(), limits -> limits);
    }

    public static TestServer start(Variant variant, UnaryOperator<RunLimits> exec)
            throws IOException, UnsafeStartException {
        return start(variant, Optional.empty(), limits -> limits.withExec(exec.apply(limits.exec())));
    }

    public static TestServer start(Variant variant, Optional<String> password, UnaryOperator<Limits> change)
            throws IOException, UnsafeStartException {
        return start(variant, "resp://127.0.0.1:0", password, change);
    }

    /** A server of another protocol; {@code ready://} trusts local users. */
    public static TestServer start(Variant variant, String address, Ancestors ancestors)
            throws IOException, UnsafeStartException {
        return start(variant, address, new Security(Optional.empty(), false, true), ancestors, limits -> limits,
                Transports.PLAIN, Observers.NONE);
    }

    /** A server with these users, whom the test closes after it. */
    public static TestServer start(Variant variant, Access access) throws IOException, UnsafeStartException {
        return start(variant, access, Observers.NONE);
    }

    public static TestServer start(Variant variant, Access access, Observers observers)
            throws IOException, UnsafeStartException {
        return start(variant, "resp://127.0.0.1:0", new Security(access, false, true), limits -> limits,
                Transports.PLAIN, observers);
    }

    /** A server with these users, whom the test closes after it, and these limits. */
    public static TestServer start(Variant variant, Access access, UnaryOperator<Limits> change)
            throws IOException, UnsafeStartException {
        return start(variant, "resp://127.0.0.1:0", new Security(access, false, true), change, Transports.PLAIN,
                Observers.NONE);
    }

    public static TestServer start(Variant variant, Optional<String> password, UnaryOperator<Limits> change,
                                   Observers observers) throws IOException, UnsafeStartException {
        return start(variant, "resp://127.0.0.1:0", new Security(password, false, true), change, Transports.PLAIN,
                observers);
    }

    public static TestServer start(Variant variant, String address, Optional<String> password,
                                   UnaryOperator<Limits> change) throws IOException, UnsafeStartException {
        return start(variant, address, new Security(password, false, true), change,
                Transports.PLAIN, Observers.NONE);
    }

    /** A server on a transport other than TCP. */
    public static TestServer start(Variant variant, String address, Transports transports,
                                   UnaryOperator<Limits> change) throws IOException, UnsafeStartException {
        return start(variant, address, new Security(Optional.empty(), false, true), change, transports,
                Observers.NONE);
    }

    /** A server on such a transport, with these users. */
    public static TestServer start(Variant variant, String address, Transports transports, Access access)
            throws IOException, UnsafeStartException {
        return start(variant, address, new Security(access, false, true), limits -> limits, transports,
                Observers.NONE);
    }

    private static TestServer start(Variant variant, String address, Security security, UnaryOperator<Limits> change,
                                    Transports transports, Observers observers)
            throws IOException, UnsafeStartException {
        return start(variant, address, security, Ancestors.DEFAULT, change, transports, observers);
    }

    private static TestServer start(Variant variant, String address, Security security, Ancestors ancestors,
                                    UnaryOperator<Limits> change, Transports transports, Observers observers)
            throws IOException, UnsafeStartException {
        Limits defaults = Limits.defaults();
        Limits quick = defaults.with(defaults.connections().withPermitWait(Duration.ofMillis(200))
                .withHangupGrace(HANGUP_GRACE)).withExec(defaults.exec().withKillGrace(Duration.ofMillis(500)));
        return new TestServer(new ServerConfig(List.of(ListenAddress.parse(address)), variant.threads(),
                variant.engine(), security, change.apply(quick), transports, ancestors), observers);
    }

    public int port() {
        return server.addresses().getFirst().port();
    }

    public RawClient connect() throws IOException {
        return new RawClient(port());
    }

    public HeddleServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
    }
}
