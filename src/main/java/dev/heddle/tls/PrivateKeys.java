package dev.heddle.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.BufferUnderflowException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * Reads the encodings in which tools write private keys. The JDK reads PKCS#8 (RFC 5208); the two older ones become
 * PKCS#8 by a header in front. A library for it would make the jar five times as large.
 */
final class PrivateKeys {
    private static final byte SEQUENCE = 0x30;
    private static final byte OCTET_STRING = 0x04;
    private static final byte OBJECT_IDENTIFIER = 0x06;
    private static final byte PARAMETERS = (byte) 0xa0; // [0] of an ECPrivateKey, RFC 5915
    private static final byte[] VERSION_0 = {0x02, 1, 0};
    /** rsaEncryption with its empty parameters, RFC 8017, A.1. */
    private static final byte[] RSA = {SEQUENCE, 13, OBJECT_IDENTIFIER, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86,
        (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};
    /** id-ecPublicKey, RFC 5480, 2.1.1. */
    private static final byte[] EC = {OBJECT_IDENTIFIER, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
    /** The algorithms that certificates for TLS have. */
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private PrivateKeys() {}

    /** Decodes a key; the label of the PEM block tells the encoding. */
    static PrivateKey decode(String label, byte[] der) throws GeneralSecurityException {
        return switch (label) {
            case "PRIVATE KEY" -> pkcs8(der);
            case "RSA PRIVATE KEY" -> pkcs8(value(SEQUENCE, VERSION_0, RSA, value(OCTET_STRING, der)));
            case "EC PRIVATE KEY" -> pkcs8(value(SEQUENCE, VERSION_0, value(SEQUENCE, EC, curve(der)),
                    value(OCTET_STRING, der)));
            default -> throw new InvalidKeySpecException("a " + label + " is of no use for TLS");
        };
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                continue; // a key of another kind, which only the attempt tells
            }
        }
        throw new InvalidKeySpecException("the key is damaged, or neither RSA, EC nor EdDSA");
    }

    /** Returns the name of the curve, from an ECPrivateKey: version, key, [0] parameters, [1] public key. */
    private static byte[] curve(byte[] der) throws InvalidKeySpecException {
        try {
            ByteBuffer in = ByteBuffer.wrap(der);
            in.get();
            length(in);
            while (in.hasRemaining()) {
                byte tag = in.get();
                int length = length(in);
                if (tag == PARAMETERS) {
                    byte[] name = new byte[length];
                    in.get(name);
                    return name;
                }
                in.position(in.position() + length);
            }
        } catch (BufferUnderflowException e) {
            throw new InvalidKeySpecException("the key is damaged", e);
        }
        throw new InvalidKeySpecException("the key does not name its curve; openssl pkey -in FILE -out NEW mends it");
    }

    /** Reads a length as X.690 writes it, of no more than what is there. */
    private static int length(ByteBuffer in) {
        int first = in.get();
        int length = first < 0 ? 0 : first;
        for (int i = first < 0 ? first & 0x7f : 0; i > 0; i--) {
            length = length << 8 | in.get() & 0xff;
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    /** Returns a DER value, X.690: its tag, its length, its content. */
    private static byte[] value(byte tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(tag);
        if (content.size() < 0x80) {
            value.write(content.size());
        } else { // DER takes as few bytes as possible
            int bytes = content.size() < 0x100 ? 1 : content.size() < 0x1_0000 ? 2 : 3;
            value.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                value.write(content.size() >> 8 * i);
            }
        }
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }
}
