package dev.heddle.server;

import dev.heddle.platform.FileNames;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where to listen and what to speak there, as in {@code resp://127.0.0.1:7379} or {@code resp+unix:///run/heddle.sock}.
 *
 * @param host empty for a Unix-domain socket
 * @param port 0 lets the system choose
 * @param file of a Unix-domain socket; empty for all others
 */
public record ListenAddress(Scheme scheme, String host, int port, Optional<Path> file) {
    private static final String NO_ADDRESS = "' is no address like resp://127.0.0.1:7379";

    /** The protocols, with the ports they use when none is given. */
    public enum Scheme {
        RESP(7379), RESPS(7380), RESP_UNIX(0), READY(9999), UPPER(8001);

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

        /** Whether RESP is spoken, over whatever it may be, and so clients can log in. */
        public boolean isResp() {
            return switch (this) {
                case RESP, RESPS, RESP_UNIX -> true;
                case READY, UPPER -> false;
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '+');
        }
    }

    /** An address on a network. */
    public ListenAddress(Scheme scheme, String host, int port) {
        this(scheme, host, port, Optional.empty());
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
            throw new IllegalArgumentException("'" + text + NO_ADDRESS, e);
        }
        if (uri.getScheme() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("'" + text + NO_ADDRESS);
        }
        if (text.matches("[^/]+:[0-9]+")) { // to URI the host is a scheme
            throw new IllegalArgumentException("'" + text + NO_ADDRESS);
        }
        Scheme scheme = Scheme.of(uri.getScheme());
        return scheme == Scheme.RESP_UNIX ? parseFile(text, uri) : parseHost(text, scheme, uri);
    }

    private static ListenAddress parseFile(String text, URI uri) {
        if (uri.getRawAuthority() != null || uri.getPath() == null || !uri.getPath().startsWith("/")
                || uri.getPath().endsWith("/")) {
            throw new IllegalArgumentException("'" + text + "' is no address like resp+unix:///run/heddle.sock:"
                    + " it takes an absolute path");
        }
        return new ListenAddress(Scheme.RESP_UNIX, "", 0, Optional.of(FileNames.unescaped(uri.getRawPath())));
    }

    private static ListenAddress parseHost(String text, Scheme scheme, URI uri) {
        if (uri.getHost() == null || !uri.getRawPath().isEmpty() || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("'" + text + NO_ADDRESS);
        }
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
        if (file.isPresent()) {
            return scheme + "://" + file.get().toUri().getRawPath();
        }
        return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
