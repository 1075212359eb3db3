package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.value.ServerName;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.ServerAddress;
import dev.heddle.platform.Invocation;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for the server to talk to, with those for TLS and for the login. */
public final class ServerOption {
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    @Option(names = {"-h", "--host"}, paramLabel = "SERVER",
            description = "HOST:PORT, resps://HOST:PORT, or a socket's path. Default: $HEDDLE_HOST, else"
                    + " 127.0.0.1:7379.")
    private ServerName given; // null where HEDDLE_HOST decides

    @Mixin
    private TlsOptions tls;

    @Mixin
    private CredentialOptions credentials;

    interface Work {
        /** Returns the exit code. */
        int on(HeddleClient client) throws IOException, ErrorReplyException;
    }

    private ServerName server() {
        if (given != null) {
            return given;
        }
        String named = Invocation.environment().getOrDefault("HEDDLE_HOST", "");
        try {
            return ServerName.parse(named.isEmpty() ? "127.0.0.1" : named);
        } catch (TypeConversionException e) {
            throw tls.usage("Invalid value for option '--host': " + e.getMessage());
        }
    }

    /** Connects and does the work, says what went wrong, if anything, and returns the exit code. */
    int talk(Work work) {
        try (HeddleClient client = connect()) {
            return work.on(client);
        } catch (ErrorReplyException | IOException e) {
            return report(e);
        }
    }

    /** Connects and, when there is a token for the server, logs in. */
    public HeddleClient connect() throws IOException, ErrorReplyException {
        ServerAddress address = tls.address(server());
        HeddleClient client = HeddleClient.connect(address, CONNECT_TIMEOUT);
        try {
            credentials.logIn(client, address);
            return client;
        } catch (IOException | ErrorReplyException e) {
            client.close();
            throw e;
        }
    }

    /** Says what went wrong and returns the exit code. */
    public int report(Exception e) {
        return switch (e) {
            case ErrorReplyException refused -> RemoteResult.show(refused);
            case LocalStreamException local -> local.report();
            case Exception broken -> reportConnection(broken);
        };
    }

    private int reportConnection(Exception e) {
        String reason = e instanceof ConnectException // to which some builds of Java 21 add what they tried
                ? String.valueOf(e.getMessage()).replace(" (connect failed)", "") + "; is 'heddle serve' running there?"
                : e.getMessage() + TlsOptions.hint(e);
        StandardOutput.complain("heddle: " + this + ": " + reason);
        return ExitCodes.CONNECTION;
    }

    @Override
    public String toString() {
        return tls.text(server());
    }
}
