package dev.heddle.cli.serve;

import dev.heddle.server.ServerConfig.Transports;
import dev.heddle.tls.PemIdentity;
import dev.heddle.tls.ServerTls;
import dev.heddle.tls.ServerTls.ClientAuth;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options of {@code heddle serve} for {@code resps://} and {@code resp+unix://}. */
final class TransportOptions {
    @Option(names = "--tls-cert", paramLabel = "FILE",
            description = "The certificate chain for resps://, PEM. Read again when it changes.")
    private Optional<Path> certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PEM, not encrypted.")
    private Optional<Path> key;

    @Option(names = "--tls-client-ca", paramLabel = "FILE",
            description = "Whose certificates clients may show, PEM.")
    private Optional<Path> clientAuthorities;

    @Option(names = "--tls-client-auth", paramLabel = "KIND",
            description = "Whether clients show a certificate: none, optional, required. Default: required with"
                    + " --tls-client-ca, else none.")
    private Optional<ClientAuth> clientAuth;

    @Option(names = "--allow-user", paramLabel = "NAME", split = ",", showDefaultValue = Visibility.NEVER,
            description = "Another user of this machine who may connect to resp+unix://; may be repeated.")
    private List<String> allowedUsers = List.of();

    /** Reads the files; throws an {@link IllegalArgumentException} when an option lacks another. */
    Transports read() throws IOException {
        Transports transports = Transports.PLAIN.withLocalUsers(knownUsers());
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("--tls-cert and --tls-key belong together: one of them is missing");
        }
        ClientAuth wanted = clientAuth.orElse(clientAuthorities.isPresent() ? ClientAuth.REQUIRED : ClientAuth.NONE);
        if (wanted != ClientAuth.NONE && clientAuthorities.isEmpty()) {
            throw new IllegalArgumentException("--tls-client-auth needs --tls-client-ca: whose certificates are good");
        }
        if (certificate.isEmpty()) {
            if (clientAuthorities.isPresent()) {
                throw new IllegalArgumentException("--tls-client-ca needs --tls-cert and --tls-key");
            }
            return transports;
        }
        return transports.withTls(new ServerTls(new PemIdentity(named("--tls-cert", certificate),
                named("--tls-key", key), named("--tls-client-ca", clientAuthorities)), wanted));
    }

    private static Optional<PemIdentity.Named> named(String option, Optional<Path> path) {
        return path.map(file -> new PemIdentity.Named(option, file));
    }

    private List<String> knownUsers() throws IOException {
        List<String> known = new ArrayList<>();
        for (String name : allowedUsers) {
            try { // a number is as good as a name, and becomes one
                known.add(FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name)
                        .getName());
            } catch (UserPrincipalNotFoundException e) {
                throw new IllegalArgumentException("--allow-user: there is no user '" + name + "'", e);
            }
        }
        return known;
    }
}
