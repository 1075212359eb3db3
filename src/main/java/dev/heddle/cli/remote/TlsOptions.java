package dev.heddle.cli.remote;

import dev.heddle.cli.value.HostAndPort;
import dev.heddle.cli.value.LocalFile;
import dev.heddle.cli.value.ServerName;
import dev.heddle.client.ServerAddress;
import dev.heddle.platform.Invocation;
import dev.heddle.tls.PemIdentity;
import dev.heddle.tls.PemIdentity.Named;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.util.Optional;

import javax.net.ssl.SSLException;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for speaking TLS to a server, and for the certificates to trust. */
final class TlsOptions {
    private static final int PLAIN_PORT = 7379;
    private static final int TLS_PORT = 7380;

    @Option(names = "--tls", description = "Speak TLS, as with resps://. Also: HEDDLE_TLS=true.")
    private boolean tls;

    @Option(names = "--cacert", paramLabel = "FILE",
            description = "Trust these authorities, PEM. Default: $HEDDLE_CACERT, else those of the JDK.")
    private Optional<Path> authorities;

    @Option(names = "--cert", paramLabel = "FILE",
            description = "Show this certificate, PEM. Default: $HEDDLE_CERT, else none.")
    private Optional<Path> certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its private key, PEM. Default: $HEDDLE_KEY.")
    private Optional<Path> key;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Returns the server's address, with the contents of the files that it takes. */
    ServerAddress address(ServerName server) throws IOException {
        boolean explicit = authorities.isPresent() || certificate.isPresent() || key.isPresent();
        if (explicit && !isTls(server)) {
            throw usage("--cacert, --cert and --key go with --tls or resps://"); // else everything would go unencrypted
        }
        return switch (server) {
            case ServerName.LocalSocket(Path path) -> new ServerAddress.Unix(path);
            case ServerName.Network(HostAndPort host, boolean named) when isTls(server) ->
                    encrypted(host.host(), host.portOr(TLS_PORT));
            case ServerName.Network(HostAndPort host, boolean named) ->
                    new ServerAddress.Tcp(host.host(), host.portOr(PLAIN_PORT));
        };
    }

    private boolean isTls(ServerName server) {
        return switch (server) {
            case ServerName.LocalSocket local -> false;
            case ServerName.Network(HostAndPort host, boolean named) -> named || tls || isSet("HEDDLE_TLS");
        };
    }

    private boolean isSet(String variable) {
        String value = Invocation.environment().getOrDefault(variable, "");
        return switch (value) {
            case "", "0", "false" -> false;
            case "1", "true" -> true;
            default -> throw usage(variable + " is true or false, not '" + value + "'");
        };
    }

    private ServerAddress encrypted(String host, int port) throws IOException {
        Optional<Named> trusted = file("--cacert", authorities, "HEDDLE_CACERT");
        Optional<Named> shown = file("--cert", certificate, "HEDDLE_CERT");
        Optional<Named> privateKey = file("--key", key, "HEDDLE_KEY");
        if (shown.isPresent() != privateKey.isPresent()) {
            throw usage("--cert and --key belong together: one of them is missing");
        }
        return new ServerAddress.Tls(host, port, new PemIdentity(shown, privateKey, trusted).read());
    }

    private static Optional<Named> file(String option, Optional<Path> given, String variable) throws IOException {
        if (given.isPresent()) {
            return given.map(path -> new Named(option, path));
        }
        return LocalFile.ofVariable(variable).map(path -> new Named(variable, path));
    }

    /** Makes an exception about the command line, or about a variable that stands for an option. */
    ParameterException usage(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    /** Returns the server's name as users write it on the command line. */
    String text(ServerName server) {
        return switch (server) {
            case ServerName.LocalSocket(Path path) -> path.toString();
            case ServerName.Network(HostAndPort host, boolean named) when isTls(server) ->
                    ServerName.ENCRYPTED + host.withPort(TLS_PORT);
            case ServerName.Network(HostAndPort host, boolean named) -> host.withPort(PLAIN_PORT).toString();
        };
    }

    /** Returns a hint to append to the message of a failed connection. */
    static String hint(Exception e) {
        if (!(e instanceof SSLException)) {
            return "";
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "; --cacert FILE names one";
            }
        }
        return e.getMessage().contains("certificate_required") ? "; --cert FILE and --key FILE show one" : "";
    }
}
