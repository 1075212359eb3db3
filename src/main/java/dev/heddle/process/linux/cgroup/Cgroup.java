package dev.heddle.process.linux.cgroup;

import dev.heddle.command.SignalOutcome;
import dev.heddle.platform.FileNames;
import dev.heddle.process.EngineUnavailableException;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control group of one command, see {@code cgroups(7)}: a new session does not leave it. Safe for all threads. */
public final class Cgroup {
    private static final Logger LOG = LoggerFactory.getLogger(Cgroup.class);

    /** The delegated group that the commands' groups are made in. */
    public static final class Parent {
        private final Path directory;
        /** Has more than the pid, which is 1 in a container: an earlier server may have left groups there. */
        private final String prefix = "heddle-" + ProcessHandle.current().pid() + "-"
                + Long.toHexString(System.currentTimeMillis()) + "-";
        private final AtomicLong count = new AtomicLong();
        private final Queue<Path> leftovers = new ConcurrentLinkedQueue<>(); // held by dying processes

        /** Takes a directory of the cgroup2 file system; fails when commands cannot be put into groups there. */
        public Parent(Path directory) throws EngineUnavailableException {
            this.directory = directory.toAbsolutePath();
            Cgroup probe;
            try {
                probe = create();
            } catch (IOException e) {
                String why = e instanceof NoSuchFileException ? "there is no such directory"
                        : e instanceof AccessDeniedException ? "it may not be written to" : e.getMessage();
                throw new EngineUnavailableException("no control group can be made in " + directory + ": " + why, e);
            }
            try {
                if (Files.notExists(probe.directory.resolve("cgroup.kill"))) {
                    throw new EngineUnavailableException(directory
                            + " is no cgroup v2 directory of a kernel that has cgroup.kill (5.14)");
                }
            } finally {
                probe.remove();
            }
        }

        Cgroup create() throws IOException {
            leftovers.removeIf(Parent::isGone);
            return new Cgroup(this, Files.createDirectory(directory.resolve(prefix + count.incrementAndGet())));
        }

        private static boolean isGone(Path group) {
            try {
                Files.deleteIfExists(group);
                return true;
            } catch (IOException e) {
                return false; // EBUSY: a process in it has not died yet
            }
        }
    }

    private final Parent parent;
    private final Path directory;

    private Cgroup(Parent parent, Path directory) {
        this.parent = parent;
        this.directory = directory;
    }

    /** The file that a process writes "0" to in order to enter the group. */
    byte[] entrance() {
        return FileNames.bytes(directory.resolve("cgroup.procs"));
    }

    /** Kills all in the group, also what is being forked now and what is another user's; false if it cannot. */
    boolean kill() {
        try {
            Files.writeString(directory.resolve("cgroup.kill"), "1");
            return true;
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already", directory); // and all that was in it
            return true;
        } catch (IOException e) {
            LOG.error("{} cannot be killed: {}", directory, e.toString());
            return false;
        }
    }

    /** Sends these signals, in order, to each process in the group. One being forked just now may miss them. */
    SignalOutcome signal(int... signals) {
        return read("cgroup.procs").lines().map(Long::valueOf)
                .filter(pid -> pid > 1) // 0 is a process of a PID namespace outside this one
                .flatMap(pid -> IntStream.of(signals).mapToObj(signal -> ProcessCalls.kill(pid, signal)))
                .reduce(SignalOutcome.NO_PROCESS, SignalOutcome::and);
    }

    /** Whether a process is in the group. Zombies do not count. */
    boolean isPopulated() {
        return read("cgroup.events").contains("populated 1");
    }

    /** The most memory that the group has used at once, where the memory controller is on. */
    OptionalLong peakMemoryKib() {
        String bytes = Files.exists(directory.resolve("memory.peak")) ? read("memory.peak").strip() : "";
        return bytes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(bytes) / 1024);
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            return ""; // removed, and so empty
        }
    }

    /** Removes the group, or leaves that to a later call while processes in it are dying. */
    void remove() {
        if (!Parent.isGone(directory)) {
            parent.leftovers.add(directory);
        }
    }
}
