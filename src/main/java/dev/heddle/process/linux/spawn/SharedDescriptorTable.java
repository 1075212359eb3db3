package dev.heddle.process.linux.spawn;

import dev.heddle.process.linux.ffi.Buffer;

/** The JVM's own descriptor table: each start copies everything that is open in it. */
public final class SharedDescriptorTable implements SpawnTable {
    @Override
    public int bring(int fd, Buffer buffer) {
        return fd;
    }

    @Override
    public void giveBack(int fd) {
        // it is the JVM's own
    }

    @Override
    public void startThread(String name, Runnable body, Runnable onFailure) {
        try {
            Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(name).start(body);
        } catch (OutOfMemoryError e) {
            onFailure.run();
        }
    }
}
