package dev.heddle.cli.value;

import dev.heddle.platform.FileNames;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import picocli.CommandLine.TypeConversionException;

/** A server as users name it with {@code -h}. */
public sealed interface ServerName {
    String PLAIN = "resp://";
    String ENCRYPTED = "resps://";
    String LOCAL = "resp+unix://";

    /** {@code host}, {@code host:port}, {@code resp://host:port}, {@code resps://host:port}. */
    record Network(HostAndPort host, boolean tls) implements ServerName {}

    /** {@code /path/to.sock}, {@code ./to.sock}, {@code resp+unix:///path/to.sock}. */
    record LocalSocket(Path path) implements ServerName {}

    static ServerName parse(String text) {
        boolean address = text.contains("://");
        if (!address && text.contains("/")) {
            return new LocalSocket(LocalFile.parse(text));
        }
        if (text.startsWith(LOCAL)) {
            return new LocalSocket(path(text));
        }
        if (text.startsWith(ENCRYPTED)) {
            return new Network(HostAndPort.parse(text.substring(ENCRYPTED.length())), true);
        }
        if (address && !text.startsWith(PLAIN)) {
            throw new TypeConversionException("'" + text + "' is no server like host:7379");
        }
        return new Network(HostAndPort.parse(address ? text.substring(PLAIN.length()) : text), false);
    }

    private static Path path(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getRawAuthority() == null && uri.getPath() != null && uri.getPath().startsWith("/")) {
                return FileNames.unescaped(uri.getRawPath());
            }
        } catch (InvalidPathException e) {
            throw new TypeConversionException(e.getMessage());
        } catch (URISyntaxException e) {
            // said below
        }
        throw new TypeConversionException("'" + text + "' is no server like " + LOCAL + "/run/heddle.sock");
    }
}
