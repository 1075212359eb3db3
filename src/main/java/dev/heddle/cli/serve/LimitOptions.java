package dev.heddle.cli.serve;

import dev.heddle.net.ClientTimeouts;
import dev.heddle.net.ConnectionLimits;

import java.time.Duration;

import picocli.CommandLine.Option;

/** The options of {@code heddle serve} that limit how long it waits for its clients. */
final class LimitOptions {
    @Option(names = "--max-per-address", paramLabel = "N", defaultValue = "0",
            description = "Clients of one address at the same time; 0: as many as there may be of all.")
    private int maxPerAddress;

    @Option(names = "--connection-wait", paramLabel = "TIME", defaultValue = "1s",
            description = "How long a client waits for a place before it is refused.")
    private Duration connectionWait;

    @Option(names = "--auth-timeout", paramLabel = "TIME", defaultValue = "10s",
            description = "How long a client may take to log in; 0s: for ever.")
    private Duration authTimeout;

    @Option(names = "--request-timeout", paramLabel = "TIME", defaultValue = "30s",
            description = "How long a client may be silent inside a request, or send less than 4 KiB a second of it;"
                    + " 0s: for ever.")
    private Duration requestTimeout;

    @Option(names = "--idle-timeout", paramLabel = "TIME", defaultValue = "0s",
            description = "Disconnect clients that neither ask nor wait for anything for so long; 0s: never.")
    private Duration idleTimeout;

    ConnectionLimits connections(int maxConnections, Duration writeTimeout, Duration hangupGrace) {
        if (maxPerAddress < 0) {
            throw new IllegalArgumentException("--max-per-address is not less than 0");
        }
        return new ConnectionLimits(maxConnections, maxPerAddress, connectionWait, writeTimeout, hangupGrace);
    }

    ClientTimeouts timeouts() {
        return new ClientTimeouts(authTimeout, requestTimeout, idleTimeout);
    }
}
