package dev.heddle.server;

import java.util.concurrent.ThreadFactory;

/** The kind of threads that clients and commands run on. All other code gets a factory. */
public enum ThreadMode {
    VIRTUAL, PLATFORM;

    /** Makes the factory of these threads, which name themselves when they start. */
    public ThreadFactory factory() {
        return switch (this) {
            case VIRTUAL -> Thread.ofVirtual().factory();
            case PLATFORM -> Thread.ofPlatform().daemon().factory(); // the stop of the server waits for the clients
        };
    }
}
