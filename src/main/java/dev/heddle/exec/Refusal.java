package dev.heddle.exec;

import dev.heddle.process.StartException;

import java.util.Locale;

/**
 * Why nothing was run.
 *
 * @param reason  one of a few words, in lower case, such as {@code busy} or {@code program_not_found}
 * @param message as the client is told, or would be if it still waited
 */
public record Refusal(String reason, String message) {
    /** The command was cancelled before its program was started: its client left, or the server stopped. */
    public static final Refusal CANCELLED = new Refusal("cancelled", "cancelled before the start");

    public static Refusal of(StartException e) {
        return new Refusal(e.reason().name().toLowerCase(Locale.ROOT), e.getMessage());
    }

    public static Refusal of(BusyException e) {
        return new Refusal("busy", e.getMessage());
    }
}
