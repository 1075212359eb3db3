package dev.heddle.run;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Makes the IDs of commands. Those of one server begin with the same four characters, which differ from those of the
 * server before: an old ID must not hit a new command.
 *
 * <p><b>Threading:</b> any thread may ask.
 */
final class CommandIds {
    private static final String CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789"; // none that look alike
    private static final int EPOCH_CHARACTERS = 4;

    private final String epoch;
    private final AtomicLong count = new AtomicLong();

    CommandIds() {
        epoch = new SecureRandom().ints(EPOCH_CHARACTERS, 0, CHARACTERS.length())
                .mapToObj(i -> CHARACTERS.substring(i, i + 1)).collect(Collectors.joining());
    }

    /** The next ID, as in {@code k3fx-17}. */
    String next() {
        return epoch + "-" + count.incrementAndGet();
    }
}
