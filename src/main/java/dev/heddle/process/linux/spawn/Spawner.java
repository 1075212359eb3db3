package dev.heddle.process.linux.spawn;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.ProgramSearch;
import dev.heddle.process.linux.child.LinuxChildProcess;
import dev.heddle.process.linux.child.OwnChildren;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.ProcessCalls;
import dev.heddle.process.linux.pipe.ChildPipes;
import dev.heddle.process.linux.pipe.Poller;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts programs, from the search to a child that is watched. What may hang runs on {@link SpawnThreads}. */
public final class Spawner {
    private static final Logger LOG = LoggerFactory.getLogger(Spawner.class);

    private final SpawnThreads threads;
    private final SpawnTable table;
    private final Poller poller;
    private final OwnChildren children;
    private final int nullDevice;
    private final MemorySegment attributes = SpawnCalls.attributes(Arena.global()); // only ever read

    /** @param nullDevice a descriptor of /dev/null, 3 or higher, in both tables */
    public Spawner(SpawnThreads threads, SpawnTable table, Poller poller, OwnChildren children, int nullDevice) {
        this.threads = threads;
        this.table = table;
        this.poller = poller;
        this.children = children;
        this.nullDevice = nullDevice;
    }

    /** Parks until the program runs or has failed to start. An interrupt leaves nothing behind. */
    public ChildProcess start(ProcessSpec spec)
            throws RefusedException, SpawnTask.TextBusyException, InterruptedException {
        StartTask task = new StartTask(spec);
        return adopt(threads.run(task), task.pipes);
    }

    /** The start of one program, up to its pid. */
    final class StartTask implements SpawnTask<Integer> {
        private final ProcessSpec spec;
        private final ChildPipes pipes = new ChildPipes();

        StartTask(ProcessSpec spec) {
            this.spec = spec;
        }

        @Override
        public void prepare() throws RefusedException {
            try (Buffer buffer = Buffer.borrow()) {
                int result = pipes.open(spec.pipesOnly(), buffer);
                if (result < 0) {
                    throw failure(-result);
                }
            }
        }

        @Override
        public Integer run() throws RefusedException, TextBusyException {
            long ticket = children.beginStart();
            try (Arena arena = Arena.ofConfined(); Buffer buffer = Buffer.borrow()) {
                int pid = spawn(spec, pipes, arena, buffer);
                try {
                    children.add(pid);
                    return pid;
                } catch (OutOfMemoryError e) {
                    end(pid, Optional.empty());
                    throw e;
                }
            } finally {
                children.endStart(ticket);
            }
        }

        /** Ends the child on a thread of its own: that takes a moment, and many clients may leave at once. */
        @Override
        public void discard(Integer pid) {
            if (pid == null) {
                pipes.close();
                return;
            }
            try {
                Thread.ofPlatform().daemon().name("discard-" + pid).start(() -> endUnwanted(pid));
            } catch (OutOfMemoryError e) {
                endUnwanted(pid); // there is no thread for it: take a moment of this one
            }
        }

        private void endUnwanted(int pid) {
            try (LinuxChildProcess child = adopt(pid, pipes)) {
                if (child.signal(Signals.KILL).isRefused()) {
                    LOG.warn("process {} runs on: its caller has left, and the kernel refused to kill it", pid);
                }
            } catch (RefusedException e) {
                LOG.debug("process {} has been ended already", pid, e);
            }
        }
    }

    /** Makes a child of a process that is not watched yet; if that fails the process ends. */
    private LinuxChildProcess adopt(int pid, ChildPipes pipes) throws RefusedException {
        try (pipes; Buffer buffer = Buffer.borrow()) {
            LinuxChildProcess child = null;
            boolean watched = false;
            try {
                pipes.closeTheirs();
                int pidfd = ProcessCalls.openPidfd(pid, buffer);
                if (pidfd < 0) {
                    throw failure(-pidfd);
                }
                child = new LinuxChildProcess(pid, pidfd, pipes, poller, children);
                child.watch(buffer);
                watched = true;
                return child;
            } finally {
                if (!watched) {
                    end(pid, Optional.ofNullable(child)); // before its pipes are closed: that would end its input
                }
            }
        } catch (IOException e) {
            throw new RefusedException(Refusal.NO_RESOURCES, "the host cannot watch another process now", e);
        }
    }

    /** Ends a process that is not watched. Blocks until it has ended; one that cannot be killed is left to a thread. */
    private void end(int pid, Optional<LinuxChildProcess> child) {
        SignalOutcome killed = ProcessCalls.killGroup(pid, Signals.KILL);
        child.ifPresent(LinuxChildProcess::abandon); // before the number is free for another
        if (killed == SignalOutcome.REFUSED) {
            poller.execute(() -> reapLater(pid)); // this may be a spawn thread, which must not do it
        } else {
            reap(pid);
        }
    }

    private void reapLater(int pid) {
        LOG.warn("process {} runs on: it cannot be watched, and the kernel refused to kill it", pid);
        Thread.ofPlatform().daemon().name("reap-" + pid).start(() -> reap(pid));
    }

    private void reap(int pid) {
        children.remove(pid);
        ProcessCalls.reapBlocking(pid);
    }

    private int spawn(ProcessSpec spec, ChildPipes pipes, Arena arena, Buffer buffer)
            throws RefusedException, SpawnTask.TextBusyException {
        SpawnCalls.Request request = SpawnCalls.Request.of(spec, arena);
        try (StartDirectory directory = StartDirectory.open(spec.directory(), buffer)) {
            byte[] program = ProgramSearch.find(spec, path -> directory.look(path, buffer));
            int error = spawn(request, CStrings.one(program, arena), directory.fd(), pipes, buffer);
            switch (error) {
                case 0 -> {
                    return request.pid().get(JAVA_INT, 0);
                }
                case Abi.ETXTBSY -> throw new SpawnTask.TextBusyException();
                case Abi.ENOENT -> throw directory.look(program, buffer) == ProgramSearch.Target.NOTHING
                        ? failure(error)
                        : new RefusedException(Refusal.NOT_EXECUTABLE,
                                "the program cannot be started: its interpreter is missing");
                default -> throw failure(error);
            }
        }
    }

    private int spawn(SpawnCalls.Request request, MemorySegment path, int directory, ChildPipes pipes, Buffer buffer)
            throws RefusedException {
        int error = SpawnCalls.initActions(request.actions());
        if (error != 0) {
            return error;
        }
        int[] fds = {ChildPipes.NONE, ChildPipes.NONE, ChildPipes.NONE};
        try {
            for (int stream = 0; stream < fds.length; stream++) {
                fds[stream] = bring(pipes.theirs(stream), buffer);
            }
            int stdin = fds[0] == ChildPipes.NONE ? nullDevice : fds[0];
            int stderr = fds[2] == ChildPipes.NONE ? fds[1] : fds[2]; // merged
            error = SpawnCalls.fillActions(request.actions(), stdin, fds[1], stderr, directory);
            return error != 0 ? error : SpawnCalls.spawn(request, path, attributes);
        } finally {
            for (int fd : fds) {
                if (fd >= 0) {
                    table.giveBack(fd);
                }
            }
            SpawnCalls.destroyActions(request.actions());
        }
    }

    private int bring(int fd, Buffer buffer) throws RefusedException {
        int brought = fd == ChildPipes.NONE ? fd : table.bring(fd, buffer);
        if (brought < 0 && brought != ChildPipes.NONE) {
            throw new RefusedException(Refusal.NO_RESOURCES,
                    "the server cannot hand the program its pipes: errno " + -brought);
        }
        return brought;
    }

    /** The refusal for an errno that the search cannot explain better. */
    private static RefusedException failure(int errno) {
        return switch (errno) {
            case Abi.E2BIG -> RefusedException.tooLong();
            case Abi.EAGAIN, Abi.ENOMEM, Abi.EMFILE, Abi.ENFILE, Abi.ENOSPC -> RefusedException.hostIsFull(null);
            case Abi.ENOENT -> new RefusedException(Refusal.PROGRAM_NOT_FOUND, "the program has gone");
            case Abi.ENOEXEC -> new RefusedException(Refusal.NOT_EXECUTABLE,
                    "the program cannot be started: its format is unknown (a script needs a #! line)");
            default -> new RefusedException(Refusal.NOT_EXECUTABLE, "the program cannot be started: errno " + errno);
        };
    }
}
