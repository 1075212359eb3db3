package dev.heddle.cli.value;

import picocli.CommandLine.TypeConversionException;

/**
 * A server as users name it: {@code host}, {@code host:port}, {@code [::1]:port}.
 *
 * @param port 0 when none was given
 */
public record HostAndPort(String host, int port) {
    public static HostAndPort parse(String text) {
        boolean bracketed = text.startsWith("[");
        int colon = text.lastIndexOf(':');
        boolean bareIpv6 = !bracketed && text.indexOf(':') != colon;
        int end = bracketed ? text.indexOf(']') + 1 : colon < 0 || bareIpv6 ? text.length() : colon;
        String host = bracketed && end > 0 ? text.substring(1, end - 1) : text.substring(0, end);
        String rest = text.substring(end);
        if (host.isEmpty() || host.indexOf('/') >= 0 || !rest.matches("(:[0-9]{1,5})?")) { // a URL of another scheme
            throw new TypeConversionException("'" + text + "' is no server like host:7379");
        }
        int port = rest.isEmpty() ? 0 : Integer.parseInt(rest.substring(1));
        if (port > 65_535 || port == 0 && !rest.isEmpty()) {
            throw new TypeConversionException("'" + text + "': a port is 1 to 65535");
        }
        return new HostAndPort(host, port);
    }

    public int portOr(int defaultPort) {
        return port == 0 ? defaultPort : port;
    }

    public HostAndPort withPort(int defaultPort) {
        return new HostAndPort(host, portOr(defaultPort));
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + (port == 0 ? "" : ":" + port);
    }
}
