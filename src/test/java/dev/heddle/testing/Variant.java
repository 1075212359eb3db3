package dev.heddle.testing;

import dev.heddle.process.EngineUnavailableException;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.process.linux.LinuxProcessEngine;
import dev.heddle.server.ThreadMode;

/** The combinations of thread mode and process engine that must behave alike. */
public enum Variant {
    VIRTUAL_NATIVE(ThreadMode.VIRTUAL, true),
    PLATFORM_NATIVE(ThreadMode.PLATFORM, true),
    VIRTUAL_JDK(ThreadMode.VIRTUAL, false),
    PLATFORM_JDK(ThreadMode.PLATFORM, false);

    private final ThreadMode threads;
    private final boolean isNative;

    Variant(ThreadMode threads, boolean isNative) {
        this.threads = threads;
        this.isNative = isNative;
    }

    public ThreadMode threads() {
        return threads;
    }

    public boolean isNative() {
        return isNative;
    }

    public ProcessEngine engine() {
        return isNative ? Native.ENGINE : new JdkProcessEngine();
    }

    /** The one engine of this JVM, made when the first test needs it. */
    private static final class Native {
        static final ProcessEngine ENGINE = open();

        private static ProcessEngine open() {
            try {
                return LinuxProcessEngine.open();
            } catch (EngineUnavailableException e) {
                throw new AssertionError("the native engine must run where it is tested", e);
            }
        }
    }
}
