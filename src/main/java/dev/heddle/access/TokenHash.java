package dev.heddle.access;

import dev.heddle.platform.LosslessUtf8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The SHA-256 of a secret, which is all that the server keeps of it. It is enough because tokens are random, and nobody
 * can try 2^256 of them.
 */
public final class TokenHash {
    private static final int TOKEN_BYTES = 32;

    private final byte[] digest;

    private TokenHash(byte[] digest) {
        this.digest = digest;
    }

    /**
     * Returns a new token: 256 random bits in base64url, without a hyphen in front, which programs would take for an
     * option.
     */
    public static String newToken() {
        SecureRandom random = new SecureRandom();
        byte[] bytes = new byte[TOKEN_BYTES];
        String token;
        do {
            random.nextBytes(bytes);
            token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } while (token.startsWith("-"));
        return token;
    }

    /** @param token text as in {@link LosslessUtf8} */
    public static TokenHash of(String token) {
        return of(LosslessUtf8.encode(token));
    }

    static TokenHash of(byte[] token) {
        try {
            return new TokenHash(MessageDigest.getInstance("SHA-256").digest(token));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /**
     * Reads a hash as {@code sha256sum(1)} prints it.
     *
     * @throws IllegalArgumentException when the text is not a hash, with a message for the operator
     */
    public static TokenHash parse(String hex) {
        if (!hex.matches("[0-9a-fA-F]{64}")) {
            throw new IllegalArgumentException("not the 64 hexadecimal digits of a SHA-256");
        }
        return new TokenHash(HexFormat.of().parseHex(hex));
    }

    /** Tells whether both are equal, in a time that does not reveal how much of them is. */
    boolean matches(TokenHash other) {
        return MessageDigest.isEqual(digest, other.digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenHash that && matches(that);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(digest);
    }
}
