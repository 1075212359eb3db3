package dev.heddle.job;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The name that a client gives to one thing to be done, so that it can safely ask for it again.
 *
 * @param user        whose name it is
 * @param fingerprint of the whole request: the same token for something else is a mistake
 */
public record RequestId(String user, String token, String fingerprint) {
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
        return new RequestId(user, token, HexFormat.of().formatHex(digest.digest()));
    }
}
