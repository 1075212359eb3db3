package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.EngineUnavailableException;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.linux.cgroup.Cgroup;
import dev.heddle.process.linux.cgroup.CgroupSpawner;
import dev.heddle.process.linux.child.OrphanReaper;
import dev.heddle.process.linux.child.OwnChildren;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.FileCalls;
import dev.heddle.process.linux.ffi.ProcessCalls;
import dev.heddle.process.linux.pipe.Poller;
import dev.heddle.process.linux.spawn.PrivateDescriptorTable;
import dev.heddle.process.linux.spawn.SharedDescriptorTable;
import dev.heddle.process.linux.spawn.SpawnTable;
import dev.heddle.process.linux.spawn.SpawnTask;
import dev.heddle.process.linux.spawn.SpawnThreads;
import dev.heddle.process.linux.spawn.Spawner;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts programs with {@code posix_spawn(3)} and waits for their pipes and ends with epoll and pidfd: without a thread
 * for each child, and without one that is held while a child is silent.
 *
 * <p>Known limit: a process that has left the group of its command is killed with it only if its parents live at that
 * moment. Those of daemons do not.
 */
public final class LinuxProcessEngine implements ProcessEngine {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxProcessEngine.class);
    /** A system property: spawn threads use the JVM's table, in case the {@link PrivateDescriptorTable} does harm. */
    private static final String SHARED_TABLE = "heddle.sharedDescriptorTable";
    /** The child's ends of its pipes, its directory and the one above, and one to spare. */
    private static final int DESCRIPTORS_OF_A_START = 6;
    private static final int PIPES = 3; // whose other ends are open until the program has been started
    private static final int DESCRIPTORS_OF_A_PROCESS = PIPES + 1; // and the pidfd
    /** Where fewer tables of spawn threads fit into the limit of descriptors, they share the JVM's, which is small. */
    private static final int LEAST_TABLES = 8;
    private static final int MAX_PROCESSES = 10_000;
    /** From its preparation, which costs descriptors, to the program's exec. */
    private static final int CONCURRENT_STARTS = 64;
    private static final SpawnThreads.Bounds BOUNDS = SpawnThreads.Bounds.forStarts(CONCURRENT_STARTS);
    private static final byte[] NULL_DEVICE = {'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l'};
    private static final int BUSY_TRIES = 9; // with doubling pauses from 1 ms on: about half a second

    private final SpawnThreads threads;
    private final Starter starter;
    private final int descriptorsOfAProcess;

    private interface Starter {
        ChildProcess start(ProcessSpec spec) throws RefusedException, SpawnTask.TextBusyException, InterruptedException;
    }

    private LinuxProcessEngine(Optional<Path> cgroup) throws IOException, EngineUnavailableException {
        ProcessCalls.resetSignal(Abi.SIGCHLD); // if inherited as ignored, there would be no zombies
        try (Buffer buffer = Buffer.borrow()) {
            probePidfd(buffer);
            long descriptors = raisedDescriptorLimit(buffer);
            Cgroup.Parent groups = cgroup.isPresent() ? new Cgroup.Parent(cgroup.get()) : null;
            descriptorsOfAProcess = groups == null ? DESCRIPTORS_OF_A_PROCESS : DESCRIPTORS_OF_A_PROCESS + 1;
            int nullDevice = openNullDevice(buffer);
            Poller poller = Poller.start();
            SpawnTable table = table(nullDevice, descriptors, poller);
            threads = new SpawnThreads(table, poller, BOUNDS);
            OwnChildren children = new OwnChildren();
            Spawner spawner = new Spawner(threads, table, poller, children, nullDevice);
            starter = groups == null ? spawner::start : new CgroupSpawner(spawner, threads, groups)::start;
            OrphanReaper.startIfNeeded(children, buffer);
        }
    }

    private static SpawnTable table(int nullDevice, long descriptors, Poller poller) {
        int room = DESCRIPTORS_OF_A_START * BOUNDS.most();
        if (Boolean.getBoolean(SHARED_TABLE) || room > descriptors / LEAST_TABLES) {
            return new SharedDescriptorTable();
        }
        try {
            return PrivateDescriptorTable.open(nullDevice, room, poller);
        } catch (IOException e) {
            LOG.info("starts take the longer the more descriptors are open: {}", e.getMessage());
            return new SharedDescriptorTable();
        }
    }

    public static LinuxProcessEngine open() throws EngineUnavailableException {
        return open(Optional.empty());
    }

    /**
     * Makes the engine. One is enough for a JVM; it cannot be closed.
     *
     * @param cgroup a delegated directory of cgroup v2: each command gets a group of its own in it, which ends with the
     *     command, and reports its peak memory if the memory controller is on there
     * @throws EngineUnavailableException when this host lacks something it needs
     */
    public static LinuxProcessEngine open(Optional<Path> cgroup) throws EngineUnavailableException {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new EngineUnavailableException("this is not Linux");
        }
        if (!Abi.X86_64 && !Abi.AARCH64) {
            throw new EngineUnavailableException(Abi.ARCHITECTURE + " is neither x86-64 nor aarch64");
        }
        try {
            return new LinuxProcessEngine(cgroup);
        } catch (IOException | RuntimeException e) {
            throw new EngineUnavailableException(e.getMessage(), e);
        } catch (LinkageError e) { // a class that could not be initialised hides the reason in its cause
            String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new EngineUnavailableException(reason, e);
        }
    }

    private static void probePidfd(Buffer buffer) throws IOException {
        int pidfd = ProcessCalls.openPidfd(Math.toIntExact(ProcessHandle.current().pid()), buffer);
        if (pidfd < 0) {
            throw new IOException("the kernel lacks or forbids pidfd_open (errno " + -pidfd + ")");
        }
        FileCalls.close(pidfd);
    }

    /**
     * Opens the null device, for good, and fills 0, 1 and 2 with it where the JVM was started with one of them closed:
     * no pipe may get a number that is also a target in the child.
     */
    private static int openNullDevice(Buffer buffer) throws IOException {
        MemorySegment path = buffer.memory.asSlice(0, NULL_DEVICE.length + 1);
        CStrings.put(NULL_DEVICE, path, 0);
        int fd;
        do {
            fd = FileCalls.open(path, Abi.O_RDWR | Abi.O_CLOEXEC, buffer);
        } while (fd >= 0 && fd <= 2);
        if (fd < 0) {
            throw new IOException("/dev/null cannot be opened (errno " + -fd + ")");
        }
        return fd;
    }

    /** The limit of open files, raised as far as this user may; the JVM usually has done so. */
    private static long raisedDescriptorLimit(Buffer buffer) throws IOException {
        if (!ProcessCalls.getLimit(Abi.RLIMIT_NOFILE, buffer)) {
            throw new IOException("the limit of open files cannot be read");
        }
        long soft = buffer.memory.get(JAVA_LONG, 0);
        long hard = buffer.memory.get(JAVA_LONG, Long.BYTES);
        if (Long.compareUnsigned(soft, hard) < 0) { // RLIM_INFINITY is ~0
            buffer.memory.set(JAVA_LONG, 0, hard);
            soft = ProcessCalls.setLimit(Abi.RLIMIT_NOFILE, buffer) ? hard : soft;
        }
        return soft < 0 ? Long.MAX_VALUE : soft;
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public int maxProcesses() {
        return MAX_PROCESSES;
    }

    @Override
    public long descriptors(int processes) {
        return (long) descriptorsOfAProcess * processes + PIPES * Math.min(processes, CONCURRENT_STARTS);
    }

    @Override
    public int concurrentStarts() {
        return CONCURRENT_STARTS;
    }

    @Override
    public boolean startsHang() {
        return threads.startsHang();
    }

    @Override
    public ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException {
        spec.pipesOnly(); // refuses what this engine cannot do, before anything is looked for
        for (int tries = 0; tries < BUSY_TRIES; tries++) {
            try {
                return starter.start(spec);
            } catch (SpawnTask.TextBusyException e) {
                TimeUnit.MILLISECONDS.sleep(1L << tries); // the process that writes the program is about to close it
            }
        }
        throw new RefusedException(Refusal.NOT_EXECUTABLE,
                "the program cannot be started: it is open for writing (text file busy)");
    }
}
