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
 * @param scheme the face and the transport
 * @param host   empty for a Unix-domain socket
 * @param port   0 lets the system choose
 * @param file   of a Unix-domain socket; empty for all others
 */
public record ListenAddress(Scheme scheme, String host, int port, Optional<Path> file) {
    private static final String NO_ADDRESS = "' is no address like resp://127.0.0.1:7379";

    public enum FaceName { RESP, READY, UPPER }

    public enum Transport { TCP, TLS, UNIX }

    /** The pairs of a face and a transport that there are, with the ports that they use when none is given. */
    public enum Scheme {
        RESP(FaceName.RESP, Transport.TCP, 7379),
        RESPS(FaceName.RESP, Transport.TLS, 7380),
        RESP_UNIX(FaceName.RESP, Transport.UNIX, 0),
        READY(FaceName.READY, Transport.TCP, 9999),
        UPPER(FaceName.UPPER, Transport.TCP, 8001);

        private final FaceName face;
        private final Transport transport;
        private final int defaultPort;

        Scheme(FaceName face, Transport transport, int defaultPort) {
            this.face = face;
            this.transport = transport;
            this.defaultPort = defaultPort;
        }

        static Scheme of(String name) {
            return Arrays.stream(values()).filter(scheme -> scheme.toString().equals(name)).findFirst().orElseThrow(
                    () -> new IllegalArgumentException("unknown scheme '" + name + "'; known: "
                            + Arrays.stream(values()).map(Scheme::toString).collect(Collectors.joining(", "))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '+');
        }
    }

    public ListenAddress(Scheme scheme, String host, int port) {
        this(scheme, host, port, Optional.empty());
    }

    /** @throws IllegalArgumentException when the text is no address, with a message for the user */
    public static ListenAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + NO_ADDRESS, e);
        }
        if (uri.getScheme() == null || uri.getRawQuery() != null || uri.getRawFragment() != null
                || text.matches("[^/]+:[0-9]+")) { // to URI the host is a scheme
            throw new IllegalArgumentException("'" + text + NO_ADDRESS);
        }
        Scheme scheme = Scheme.of(uri.getScheme());
        return switch (scheme.transport) {
            case UNIX -> parseFile(text, scheme, uri);
            case TCP, TLS -> parseHost(text, scheme, uri);
        };
    }

    private static ListenAddress parseFile(String text, Scheme scheme, URI uri) {
        if (uri.getRawAuthority() != null || uri.getPath() == null || !uri.getPath().startsWith("/")
                || uri.getPath().endsWith("/")) {
            throw new IllegalArgumentException("'" + text + "' is no address like " + scheme + ":///run/heddle.sock:"
                    + " it takes an absolute path");
        }
        return new ListenAddress(scheme, "", 0, Optional.of(FileNames.unescaped(uri.getRawPath())));
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
        return new ListenAddress(scheme, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
    }

    public FaceName face() {
        return scheme.face;
    }

    public Transport transport() {
        return scheme.transport;
    }

    public boolean takesLogins() {
        return face() == FaceName.RESP;
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
