package dev.heddle.testing;

import dev.heddle.process.ProcessEngine;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.server.ThreadMode;

/** The combinations of thread mode and process engine that must behave alike. */
public enum Variant {
    VIRTUAL_JDK(ThreadMode.VIRTUAL),
    PLATFORM_JDK(ThreadMode.PLATFORM);

    private final ThreadMode threads;

    Variant(ThreadMode threads) {
        this.threads = threads;
    }

    public ThreadMode threads() {
        return threads;
    }

    public ProcessEngine engine() {
        return new JdkProcessEngine();
    }
}
