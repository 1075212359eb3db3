package dev.heddle.tls;

import dev.heddle.platform.OpenFile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A file of certificates or of a key in the textual encoding of RFC 7468. Text around the blocks is skipped, as that
 * RFC requires, so certificates and key may be in one file.
 *
 * @param name an option and the path, for errors
 * @param mode the permissions of the very file that was read
 */
record PemFile(String name, List<Block> blocks, int mode) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final int MAX_BYTES = 1 << 20;
    private static final int EXPOSED = 0026; // others may do neither, a group may read a key, but not change it

    /** The content between two lines of dashes. */
    record Block(String label, String text) {
        boolean isEncrypted() {
            return label.startsWith("ENCRYPTED") || text.contains("ENCRYPTED"); // the second as OpenSSL did once
        }

        byte[] bytes() throws IOException {
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw new IOException("its " + label + " is damaged", e);
            }
        }
    }

    /** Reads a file. If that fails the message begins with the name, as those below do. */
    static PemFile read(String name, Path path) throws IOException {
        String text;
        int mode;
        try (OpenFile file = OpenFile.open(path)) {
            text = new String(file.read(MAX_BYTES), StandardCharsets.ISO_8859_1);
            mode = file.mode();
        } catch (IOException e) {
            throw new IOException(name + ": " + switch (e) {
                case NoSuchFileException missing -> "no such file";
                case AccessDeniedException denied -> "permission denied";
                case FileSystemException other -> other.getReason();
                default -> e.getMessage();
            }, e);
        }
        return new PemFile(name, BLOCK.matcher(text).results()
                .map(found -> new Block(found.group(1), found.group(2))).toList(), mode);
    }

    /** Tells whether others on this machine can read or change the file. */
    boolean isExposed() {
        return (mode & EXPOSED) != 0;
    }

    /** Returns all certificates of the file in their order; fails when there is none, or one is damaged. */
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks) {
                if (block.label().equals("CERTIFICATE")) {
                    certificates.add((X509Certificate) factory.generateCertificate(
                            new ByteArrayInputStream(block.bytes())));
                }
            }
        } catch (CertificateException | IOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IOException(name + ": no CERTIFICATE in this file");
        }
        return certificates;
    }

    /** Returns the private key of the file; fails when there is no usable one. */
    PrivateKey privateKey() throws IOException {
        Block block = blocks.stream().filter(each -> each.label().endsWith("PRIVATE KEY")).findFirst()
                .orElseThrow(() -> new IOException(name + ": no PRIVATE KEY in this file"));
        if (block.isEncrypted()) {
            throw new IOException(name + ": the key is encrypted, and nobody is there to give the password;"
                    + " write it without: openssl pkey -in FILE -out NEW");
        }
        try {
            return PrivateKeys.decode(block.label(), block.bytes());
        } catch (GeneralSecurityException | IOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }
}
