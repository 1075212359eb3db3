package dev.heddle.cli;

import picocli.CommandLine.TypeConversionException;

/** A server as users name it: {@code host}, {@code host:port} or {@code [::1]:port}. */
record HostAndPort(String host, int port) {
    private static final int DEFAULT_PORT = 7379;

    static HostAndPort parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[");
        int end = bracketed ? text.indexOf(']') : colon < 0 || text.indexOf(':') != colon ? text.length() : colon;
        String host = bracketed && end > 0 ? text.substring(1, end) : text.substring(0, Math.max(end, 0));
        String rest = end < 0 ? "?" : text.substring(bracketed ? end + 1 : end);
        if (host.isEmpty() || !rest.matches("(:[0-9]{1,5})?")) {
            throw new TypeConversionException("'" + text + "' is no server like host:7379");
        }
        int port = rest.isEmpty() ? DEFAULT_PORT : Integer.parseInt(rest.substring(1));
        if (port < 1 || port > 65_535) {
            throw new TypeConversionException("'" + text + "': a port is 1 to 65535");
        }
        return new HostAndPort(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
