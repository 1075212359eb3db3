package dev.heddle.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Objects;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The address of a server, with what it takes to talk to it. Making one connects to nothing. */
public sealed interface ServerAddress {
    /** TCP without encryption: for this machine, and for networks without eavesdroppers. */
    record Tcp(String host, int port) implements ServerAddress {
        public Tcp {
            Objects.requireNonNull(host);
        }
    }

    /**
     * TLS, 1.2 or 1.3. The server's certificate must be for this host, by its name or address.
     *
     * @param context the trusted authorities, and the certificate that is shown when the server asks for one
     */
    record Tls(String host, int port, SSLContext context) implements ServerAddress {
        public Tls {
            Objects.requireNonNull(host);
            Objects.requireNonNull(context);
        }

        /**
         * Returns an address whose server must be known to the authorities that the JDK trusts; the client shows no
         * certificate.
         *
         * @throws IOException when the JDK's own TLS settings are broken
         */
        public static Tls trustingPublicAuthorities(String host, int port) throws IOException {
            try {
                return new Tls(host, port, SSLContext.getDefault());
            } catch (GeneralSecurityException e) {
                throw new IOException("TLS: " + e.getMessage(), e);
            }
        }

        /**
         * Returns an address whose server must be known to the certificates in a file; the client shows no certificate.
         *
         * @param authorities one certificate or more, PEM or DER; the server's own certificate is enough
         * @throws IOException when the file cannot be read, or holds no certificate
         */
        public static Tls trusting(Path authorities, String host, int port) throws IOException {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(authorities))) {
                Collection<? extends Certificate> certificates =
                        CertificateFactory.getInstance("X.509").generateCertificates(in);
                if (certificates.isEmpty()) {
                    throw new IOException("no certificate in " + authorities);
                }
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                for (Certificate certificate : certificates) {
                    store.setCertificateEntry("authority-" + store.size(), certificate);
                }
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, trust.getTrustManagers(), null);
                return new Tls(host, port, context);
            } catch (GeneralSecurityException e) {
                throw new IOException("certificates in " + authorities + ": " + e.getMessage(), e);
            }
        }
    }

    /** A Unix-domain socket on this machine. The server knows which user is calling. */
    record Unix(Path socket) implements ServerAddress {
        public Unix {
            Objects.requireNonNull(socket);
        }
    }
}
