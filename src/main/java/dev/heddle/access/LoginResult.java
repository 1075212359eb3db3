package dev.heddle.access;

import java.time.Duration;

/** The result of an attempt to log in. The client is answered when the delay is over, not before. */
public sealed interface LoginResult {
    Duration delay();

    /** Name and token are right. */
    record Granted(Login login, Duration delay) implements LoginResult {}

    /** Name or token is wrong; which one is not told. */
    record Refused(Duration delay) implements LoginResult {}

    /** The attempt was not checked: too many attempts from this address have failed. */
    record TooMany(Duration delay) implements LoginResult {}
}
