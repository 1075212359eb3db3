package dev.heddle.process.linux.spawn;

import dev.heddle.process.linux.ffi.Buffer;

/**
 * The descriptor table that programs are started from, and the source of the threads that start them.
 *
 * <p>The number of a descriptor has a meaning in one table only. All that happens outside of spawn threads happens in
 * the JVM's table.
 */
public sealed interface SpawnTable permits PrivateDescriptorTable, SharedDescriptorTable {
    /**
     * Makes a number in this table for a descriptor of the JVM's table, to be given back; or returns a negative errno.
     * For spawn threads.
     */
    int bring(int fd, Buffer buffer);

    /** Takes back what {@link #bring} has returned. For spawn threads. */
    void giveBack(int fd);

    /**
     * Starts a daemon thread that sees this table. Does not wait for it.
     *
     * @param onFailure run, by any thread, when the host has no room for another thread
     */
    void startThread(String name, Runnable body, Runnable onFailure);
}
