package dev.heddle.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where to listen and what to speak there, as in {@code resp://127.0.0.1:7379}. Port 0 lets the system choose. */
public record ListenAddress(Scheme scheme, String host, int port) {
    /** The protocols, with the ports they use when none is given. */
    public enum Scheme {
        RESP(7379), READY(9999), UPPER(8001);

        private final int defaultPort;

        Scheme(int defaultPort) {
            this.defaultPort = defaultPort;
        }

        static Scheme of(String name) {
            for (Scheme scheme : values()) {
                if (scheme.toString().equals(name)) {
                    return scheme;
                }
            }
            throw new IllegalArgumentException("unknown scheme '" + name + "'; known: "
                    + Arrays.stream(values()).map(Scheme::toString).collect(Collectors.joining(", ")));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it is none, with a message for the user
     */
    public static ListenAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is no address like resp://127.0.0.1:7379", e);
        }
        if (uri.getScheme() == null || uri.getHost() == null || !uri.getRawPath().isEmpty()
                || uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("'" + text + "' is no address like resp://127.0.0.1:7379");
        }
        Scheme scheme = Scheme.of(uri.getScheme());
        int port = uri.getPort() == -1 ? scheme.defaultPort : uri.getPort();
        if (port > 65_535) {
            throw new IllegalArgumentException("'" + text + "': a port is at most 65535");
        }
        String host = uri.getHost();
        return new ListenAddress(scheme, host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port);
    }

    /** Looks the host up; may block on the system's name service. */
    public InetSocketAddress resolve() throws UnknownHostException {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw (UnknownHostException) new UnknownHostException("unknown host " + host).initCause(e);
        }
    }

    @Override
    public String toString() {
        return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
