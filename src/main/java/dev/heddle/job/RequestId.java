package dev.heddle.job;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * The name that a client gives to one thing to be done, so that it can safely ask for it again.
 *
 * @param user        whose name it is
 * @param token       the name
 * @param fingerprint of the whole request: the same name for something else is a mistake
 */
public record RequestId(String user, String token, byte[] fingerprint) {
    /** The ID of a request with these words, the command's name among them: it tells a run from a job. */
    public static RequestId of(String user, String token, List<byte[]> words) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        for (byte[] word : words) {
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, word.length)); // where each one ends
            digest.update(word);
        }
        return new RequestId(user, token, digest.digest());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RequestId that && user.equals(that.user) && token.equals(that.token)
                && Arrays.equals(fingerprint, that.fingerprint);
    }

    @Override
    public int hashCode() {
        return 31 * user.hashCode() + token.hashCode();
    }
}
