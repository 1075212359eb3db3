package dev.heddle.server;

import java.util.concurrent.ThreadFactory;

/** What kind of threads clients and commands run on. Only here is that a question: all else gets a factory. */
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
            return Thread.ofPlatform().daemon().factory(); // who stops the server waits for the clients
        }
    };

    /** Makes the threads of clients and commands, which name themselves when they start. */
    public abstract ThreadFactory factory();
}
