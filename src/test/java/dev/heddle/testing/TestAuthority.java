package dev.heddle.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import dev.heddle.tls.PemIdentity;
import dev.heddle.tls.PemIdentity.Named;

import javax.net.ssl.SSLContext;

/** A certificate authority of its own, made with openssl as an operator would. */
public final class TestAuthority {
    private final Path directory;
    private final Path certificate;

    public TestAuthority(Path directory) throws Exception {
        this.directory = directory;
        certificate = directory.resolve("ca.pem");
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test Authority");
    }

    /** A certificate and its key. */
    public record Issued(Path certificate, Path key) {}

    /** Whom to trust. */
    public Path certificate() {
        return certificate;
    }

    /** A certificate for this machine, with an RSA key as most have. */
    public Issued issueForLoopback(String name) throws Exception {
        return issue(name, "/CN=" + name, "rsa:2048", "DNS:localhost,IP:127.0.0.1");
    }

    /** A certificate for a server elsewhere. */
    public Issued issueForHost(String name, String host) throws Exception {
        return issue(name, "/CN=" + name, "rsa:2048", "DNS:" + host);
    }

    /** A certificate with an EC key for a client. */
    public Issued issueForClient(String name, String subject) throws Exception {
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".param");
        return issue(name, subject, "ec:" + name + ".param", "DNS:" + name);
    }

    private Issued issue(String name, String subject, String newKey, String names) throws Exception {
        if (newKey.startsWith("rsa")) {
            openssl("req", "-newkey", newKey, "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
                    "-subj", subject);
        } else {
            openssl("req", "-new", "-key", name + ".param", "-out", name + ".csr", "-subj", subject);
            Files.move(directory.resolve(name + ".param"), directory.resolve(name + ".key"));
        }
        Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + names + "\n");
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", name + ".pem", "-days", "30", "-extfile", name + ".ext");
        return new Issued(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
    }

    /** Runs openssl in the directory. */
    public void openssl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(command + ": " + output).isZero();
    }

    /** The files as a server is given them. */
    public static PemIdentity identity(Issued issued, Optional<Path> authorities) {
        return new PemIdentity(Optional.of(new Named("--tls-cert", issued.certificate())),
                Optional.of(new Named("--tls-key", issued.key())),
                authorities.map(path -> new Named("--tls-client-ca", path)));
    }

    /** A client's side: trusts this authority, and shows a certificate or none. */
    public SSLContext clientContext(Optional<Issued> shown) throws IOException, GeneralSecurityException {
        return new PemIdentity(shown.map(issued -> new Named("--cert", issued.certificate())),
                shown.map(issued -> new Named("--key", issued.key())),
                Optional.of(new Named("--cacert", certificate))).read();
    }
}
