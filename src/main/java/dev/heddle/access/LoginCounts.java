package dev.heddle.access;

import java.util.concurrent.atomic.LongAdder;

/** Counts the logins since the server's start. */
public final class LoginCounts implements LoginListener {
    private final LongAdder loggedIn = new LongAdder();
    private final LongAdder refused = new LongAdder();

    @Override
    public void loggedIn(String user, String peer) {
        loggedIn.increment();
    }

    @Override
    public void refused(String user, String peer) {
        refused.increment();
    }

    public long loggedIn() {
        return loggedIn.sum();
    }

    public long refused() {
        return refused.sum();
    }
}
