package dev.heddle.access;

import java.time.Duration;

/** What becomes of an attempt to log in. The client is answered when the delay is over, not before. */
public sealed interface LoginResult {
    Duration delay();

    /** Name and token are right. */
    record Granted(Login login, Duration delay) implements LoginResult {}

    /** They are not, and nobody says which. */
    record Refused(Duration delay) implements LoginResult {}

    /** They were not looked at: too many attempts from this address have failed. */
    record TooMany(Duration delay) implements LoginResult {}
}
