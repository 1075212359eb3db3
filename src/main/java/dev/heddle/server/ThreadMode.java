package dev.heddle.server;

import java.util.concurrent.ThreadFactory;

/** The kind of threads that clients and commands run on. All other code gets a factory. */
public enum ThreadMode {
    VIRTUAL {
        @Override
        public ThreadFactory factory() {
            return Thread.ofVirtual().factory();
        }
    },
    PLATFORM {
        @Override
        public ThreadFactory factory() {
            return Thread.ofPlatform().daemon().factory(); // the stop of the server waits for the clients
        }
    };

    /** Makes the factory of these threads, which name themselves when they start. */
    public abstract ThreadFactory factory();
}
