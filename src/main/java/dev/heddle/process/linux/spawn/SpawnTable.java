package dev.heddle.process.linux.spawn;

import dev.heddle.process.linux.ffi.Buffer;

/**
 * The descriptor table that programs are started from, and the source of the threads that start them. The number of a
 * descriptor has a meaning in one table only; all other threads have the JVM's table.
 */
public sealed interface SpawnTable permits PrivateDescriptorTable, SharedDescriptorTable {
    /** Makes a number in this table for a descriptor of the JVM's, or returns a negative errno. For spawn threads. */
    int bring(int fd, Buffer buffer);

    /** Takes back what {@link #bring} has returned. For spawn threads. */
    void giveBack(int fd);

    /** Starts a daemon thread that sees this table; any thread runs {@code onFailure} if there is no room for it. */
    void startThread(String name, Runnable body, Runnable onFailure);
}
