package dev.heddle.process.linux;

import java.io.IOException;
import java.net.URL;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A descriptor table that only spawn threads have. {@code posix_spawn(3)} copies the table of its caller, and the
 * child closes the copies one by one: from the JVM's table, with all its clients and pipes, a start would take 1.4
 * times as long with 2,000 open descriptors, and four times as long with 16,000. This one holds a dozen, however
 * many clients there are.
 *
 * <p>On Linux threads share a table because {@code clone(2)} is told so; a thread can part from it, and those that
 * it starts share its new one. One thread does, for as long as the JVM lives, and starts all others. What runs on
 * them must keep to three rules, for a number means something else there:
 * <ul>
 * <li>No thread may be started from there. Even to unpark a virtual thread may start a carrier, which would then
 *     serve clients with the wrong table; so others are woken through {@link Poller#execute} only.
 * <li>Nothing is logged there: the log may be a file.
 * <li>No descriptor is opened there but to be closed there. Classes may still be loaded: the files that they come
 *     from are kept, and are opened before the tables part.
 * </ul>
 */
final class OwnTable implements SpawnTable {
    private static final int FIRST_FREE = 3; // stdin, stdout and stderr stay
    private static final Path DESCRIPTORS = Path.of("/proc/thread-self/fd");

    private final int self; // a pidfd of this process, through which the JVM's table is reached
    private final int nullDevice;
    private final Set<Integer> kept;
    private final BlockingQueue<NewThread> wanted = new LinkedBlockingQueue<>();

    private record NewThread(String name, Runnable body, Runnable onFailure) {}

    private OwnTable(int self, int nullDevice, int bell) {
        this.self = self;
        this.nullDevice = nullDevice;
        kept = Set.of(self, nullDevice, bell);
    }

    /**
     * Makes the table. Blocks for a moment.
     *
     * @param nullDevice a descriptor of it that is never closed
     * @throws IOException when this host lacks or forbids something that it needs; nothing is changed then
     */
    static OwnTable open(int nullDevice, Poller poller) throws IOException {
        int self = openSelf();
        OwnTable table = new OwnTable(self, nullDevice, poller.bell());
        CompletableFuture<Void> parted = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("spawn-table").start(() -> table.live(poller, parted));
        try {
            parted.get();
            return table;
        } catch (ExecutionException e) {
            FileCalls.close(self);
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e); // the thread lives on, unused
        }
    }

    private static int openSelf() throws IOException {
        try (Buffer buffer = Buffer.borrow()) {
            int self = ProcessCalls.openPidfd(Math.toIntExact(ProcessHandle.current().pid()), buffer);
            if (self < 0) {
                throw new IOException("pidfd_open fails with errno " + -self);
            }
            return self;
        }
    }

    /** On the thread that parts from the JVM's table. */
    private void live(Executor others, CompletableFuture<Void> parted) {
        try {
            part();
        } catch (IOException | RuntimeException | Error e) {
            others.execute(() -> parted.completeExceptionally(e));
            return;
        }
        others.execute(() -> parted.complete(null));
        while (true) {
            startNext(others);
        }
    }

    private void startNext(Executor others) {
        NewThread next = null;
        try {
            next = wanted.take();
            Thread.ofPlatform().daemon().name(next.name()).start(next.body());
        } catch (OutOfMemoryError e) {
            others.execute(next.onFailure());
        } catch (InterruptedException e) {
            // nobody does that
        }
    }

    private void part() throws IOException {
        URL ignored = OwnTable.class.getResource("OwnTable.class"); // opens what classes are loaded from
        try (Buffer buffer = Buffer.borrow()) {
            check("close_range", FileCalls.unshareTable(buffer));
            for (int fd : openDescriptors()) {
                if (fd >= FIRST_FREE && !kept.contains(fd)) {
                    drop(fd, buffer);
                }
            }
            int brought = bring(nullDevice, buffer);
            check("pidfd_getfd", brought);
            giveBack(brought);
        }
    }

    private static List<Integer> openDescriptors() throws IOException {
        List<Integer> open = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            entries.forEach(entry -> open.add(Integer.valueOf(entry.getFileName().toString())));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return open;
    }

    /**
     * Sockets and pipes are closed, so that their other ends see when the JVM closes them. Of files those are kept
     * that are only read, as class path and modules are. The null device takes the place of others, so that what the
     * JVM writes to a log of its own from a spawn thread goes nowhere, and not to whatever gets the number next.
     */
    private void drop(int fd, Buffer buffer) throws IOException {
        if (!Files.isRegularFile(DESCRIPTORS.resolve(Integer.toString(fd)))) {
            FileCalls.close(fd);
        } else if ((FileCalls.flags(fd, buffer) & Abi.O_ACCMODE) != Abi.O_RDONLY) {
            check("dup3", FileCalls.replace(fd, nullDevice, buffer));
        }
    }

    private static void check(String call, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " fails with errno " + -result);
        }
    }

    @Override
    public int bring(int fd, Buffer buffer) {
        return FileCalls.fetch(self, fd, buffer);
    }

    @Override
    public void giveBack(int fd) {
        FileCalls.close(fd);
    }

    @Override
    public void startThread(String name, Runnable body, Runnable onFailure) {
        wanted.add(new NewThread(name, body, onFailure));
    }
}
