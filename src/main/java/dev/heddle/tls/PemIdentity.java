package dev.heddle.tls;

import dev.heddle.platform.RegularFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate that one side of a TLS connection shows, and the authorities that it trusts, read from PEM files.
 *
 * @param certificate of this side, its own first and then those that lead to a known authority; empty to show none
 * @param authorities whose certificates are trusted; empty for those that the JDK knows
 */
public record PemIdentity(Optional<Named> certificate, Optional<Named> key, Optional<Named> authorities) {
    private static final char[] NO_PASSWORD = {};
    private static final PSSParameterSpec ANY_PSS =
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

    /** A file, and the option that names it, for messages. */
    public record Named(String option, Path path) {
        PemFile read() throws IOException {
            return PemFile.read(toString(), path);
        }

        @Override
        public String toString() {
            return option + " " + path;
        }
    }

    /** The content of the files, and whether others on this machine can read or change the very key in use. */
    record Loaded(SSLContext context, boolean keyIsExposed) {}

    /** Reads the files; blocks. If one cannot be used, the message names it, and the option. */
    public SSLContext read() throws IOException {
        return load().context();
    }

    Loaded load() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            Optional<PemFile> keyFile = certificate.isPresent() ? Optional.of(key.orElseThrow().read())
                    : Optional.empty();
            context.init(keyFile.isPresent() ? keyManagers(keyFile.get()) : null,
                    authorities.isPresent() ? trustManagers() : null, new SecureRandom());
            return new Loaded(context, keyFile.filter(PemFile::isExposed).isPresent());
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }

    private KeyManager[] keyManagers(PemFile keyFile) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = certificate.orElseThrow().read().certificates();
        PrivateKey privateKey = keyFile.privateKey();
        if (!belongTogether(privateKey, chain.getFirst())) {
            throw new IOException(key.get() + ": not the key of the certificate in " + certificate.get());
        }
        KeyStore store = emptyStore();
        store.setKeyEntry("own", privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** Tells whether the certificate belongs to this key: what the key signs, the certificate verifies. */
    private static boolean belongTogether(PrivateKey privateKey, X509Certificate leaf) {
        byte[] sample = "a sample".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = signature(leaf.getPublicKey());
            signature.initSign(privateKey);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(leaf.getPublicKey());
            signature.update(sample);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // a key of another kind
        }
    }

    private static Signature signature(PublicKey key) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case String other -> other; // EdDSA and RSASSA-PSS sign under their own name
        });
        if (key instanceof RSAKey rsa && key.getAlgorithm().equals("RSASSA-PSS")) {
            signature.setParameter(rsa.getParams() == null ? ANY_PSS : rsa.getParams()); // a key may insist on some
        }
        return signature;
    }

    private TrustManager[] trustManagers() throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        int count = 0;
        for (X509Certificate authority : authorities.orElseThrow().read().certificates()) {
            store.setCertificateEntry("authority-" + ++count, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Refuses files that would block their reader, such as a FIFO; the message names file and option. */
    void requireRegularFiles() throws IOException {
        for (Named named : named()) {
            try {
                RegularFile.require(named.path());
            } catch (FileSystemException e) {
                throw new IOException(named + ": " + e.getReason(), e);
            }
        }
    }

    private List<Named> named() {
        return Stream.of(certificate, key, authorities).flatMap(Optional::stream).toList();
    }

    List<Path> files() {
        return named().stream().map(Named::path).toList();
    }
}
