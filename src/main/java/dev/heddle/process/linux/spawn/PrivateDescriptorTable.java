package dev.heddle.process.linux.spawn;

import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.FileCalls;
import dev.heddle.process.linux.ffi.ProcessCalls;
import dev.heddle.process.linux.pipe.Poller;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;

/**
 * A descriptor table that only spawn threads have. {@code posix_spawn(3)} copies the table of its caller, and the
 * child closes the copies one by one: from the JVM's table, with all its clients and pipes, a start would take 1.4
 * times as long with 2,000 open descriptors, and four times as long with 16,000. This one holds what was open when the
 * engine was made, however many clients come.
 *
 * <p>On Linux threads share a table because {@code clone(2)} is told so; a thread can part from it, and the threads
 * that it starts share its new one. One thread does that for as long as the JVM lives, and starts the spawn threads.
 * All code on them keeps to three rules, because a number means something else there:
 * <ul>
 * <li>They start no other thread. Even to unpark a virtual thread may start a carrier, which would then serve clients
 *     with the wrong table. So they wake others only through {@link Poller#execute}, and share no lock or queue with
 *     them whose release may wake a thread.
 * <li>They log nothing: the log may be a file.
 * <li>They close the descriptors that they open. Classes may still be loaded: files that are only read are kept, and
 *     those of the class path are opened before the tables part.
 * </ul>
 *
 * <p>What the JVM does by itself on any thread, such as to dump the heap or to write a log of its own, does no harm to
 * others, because the numbers in use are disjoint: a number that is used here is the null device in the JVM's table,
 * for good; one that the JVM uses is the null device here, or is not open.
 */
public final class PrivateDescriptorTable implements SpawnTable {
    private static final int FIRST_FREE = 3; // stdin, stdout and stderr stay
    private static final Path DESCRIPTORS = Path.of("/proc/thread-self/fd");
    private static final String DEVICES = "/dev/";

    private final int self; // a pidfd of this process, through which the JVM's table is reached
    private final int nullDevice;
    private final Set<Integer> kept;
    private final int room;
    private final BlockingQueue<NewThread> wanted = new LinkedTransferQueue<>(); // without locks, as the rules say

    private record NewThread(String name, Runnable body, Runnable onFailure) {}

    private PrivateDescriptorTable(int self, int nullDevice, int bell, int room) {
        this.self = self;
        this.nullDevice = nullDevice;
        this.room = room;
        kept = Set.of(self, nullDevice, bell);
    }

    /**
     * Makes the table, with so many numbers for the spawn threads. Blocks for a moment. If it fails, because this host
     * lacks or forbids something, nothing is changed. The null device's descriptor is never closed.
     */
    public static PrivateDescriptorTable open(int nullDevice, int room, Poller poller) throws IOException {
        int self;
        try (Buffer buffer = Buffer.borrow()) {
            int pid = Math.toIntExact(ProcessHandle.current().pid());
            self = FileCalls.check("pidfd_open", ProcessCalls.openPidfd(pid, buffer));
        }
        PrivateDescriptorTable table = new PrivateDescriptorTable(self, nullDevice, poller.bell(), room);
        CompletableFuture<Void> parted = new CompletableFuture<>();
        Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("spawn-table")
                .start(() -> table.live(poller, parted));
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

    /** Parts from the JVM's table and then starts threads, on a thread of its own. */
    private void live(Executor others, CompletableFuture<Void> parted) {
        try {
            part();
        } catch (IOException | RuntimeException | Error e) {
            others.execute(() -> parted.completeExceptionally(e));
            return;
        }
        others.execute(() -> parted.complete(null));
        while (true) {
            try {
                startNext(others);
            } catch (InterruptedException | Error e) {
                // an interrupt is unexpected; a host without memory may have some again for the next one
            }
        }
    }

    private void startNext(Executor others) throws InterruptedException {
        NewThread next = wanted.take();
        boolean started = false;
        try {
            Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(next.name()).start(next.body());
            started = true;
        } finally {
            if (!started) {
                others.execute(next.onFailure());
            }
        }
    }

    private void part() throws IOException {
        // opens the file that classes are loaded from
        URL ignored = PrivateDescriptorTable.class.getResource("PrivateDescriptorTable.class");
        try (Buffer buffer = Buffer.borrow()) {
            openFiles(); // fails early where that cannot be seen
            giveBack(FileCalls.check("pidfd_getfd", bring(nullDevice, buffer)));
            Set<Integer> free = reserve(buffer);
            int parted = FileCalls.unshareTable(buffer);
            if (parted < 0) {
                free.forEach(FileCalls::close);
                FileCalls.check("close_range", parted);
            }
            separate(free, buffer);
        }
    }

    /** Takes the lowest free numbers of the JVM's table, for good. */
    private Set<Integer> reserve(Buffer buffer) throws IOException {
        Set<Integer> reserved = new TreeSet<>();
        for (int i = 0; i < room; i++) {
            int fd = FileCalls.duplicate(nullDevice, FIRST_FREE, buffer);
            if (fd < 0) {
                reserved.forEach(FileCalls::close);
                FileCalls.check("fcntl", fd);
            }
            reserved.add(fd);
        }
        return reserved;
    }

    /**
     * Makes the reserved numbers the free ones here, after the parting. All others below the last of them become the
     * null device, and those above it are closed, except for what is kept.
     */
    private void separate(Set<Integer> free, Buffer buffer) throws IOException {
        Map<Integer, String> open = openFiles();
        int last = Collections.max(free);
        for (int fd = FIRST_FREE; fd <= last; fd++) {
            if (free.contains(fd)) {
                FileCalls.close(fd);
            } else if (!isKept(fd, open.get(fd), buffer)) {
                FileCalls.check("dup3", FileCalls.replace(fd, nullDevice, buffer));
            }
        }
        open.forEach((fd, file) -> {
            if (fd > last && !isKept(fd, file, buffer)) {
                FileCalls.close(fd);
            }
        });
    }

    /**
     * Whether a descriptor stays. Files that are only read do, because the JVM reads classes from some of them, such as
     * lib/modules and jars. The file is null when the descriptor is not open.
     */
    private boolean isKept(int fd, String file, Buffer buffer) {
        return kept.contains(fd) || file != null && file.startsWith("/") && !file.startsWith(DEVICES)
                && (FileCalls.flags(fd, buffer) & Abi.O_ACCMODE) == Abi.O_RDONLY
                && Files.isRegularFile(DESCRIPTORS.resolve(Integer.toString(fd)));
    }

    private static Map<Integer, String> openFiles() throws IOException {
        String[] descriptors = DESCRIPTORS.toFile().list();
        if (descriptors == null) {
            throw new NoSuchFileException(DESCRIPTORS.toString());
        }
        Map<Integer, String> open = new HashMap<>();
        for (String descriptor : descriptors) {
            try {
                Path file = Files.readSymbolicLink(DESCRIPTORS.resolve(descriptor));
                open.put(Integer.valueOf(descriptor), file.toString());
            } catch (NoSuchFileException e) {
                continue; // closed meanwhile, by another thread
            }
        }
        return open;
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
