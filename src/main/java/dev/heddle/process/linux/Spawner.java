package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.heddle.process.ProcessSpec;
import dev.heddle.process.Signals;
import dev.heddle.process.StartException;
import dev.heddle.process.StartException.Reason;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Starts one program with {@code posix_spawn(3)}, from the search for it to a child that is watched.
 * Everything here may block in the kernel, so it runs on {@link SpawnThreads} only.
 */
final class Spawner {
    /** Another process holds the program open for writing: to be tried again, soon. */
    static final class TextBusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final Poller poller;
    private final OwnChildren children;
    private final int nullDevice;
    private final MemorySegment attributes = SpawnCalls.attributes(Arena.global()); // only ever read

    /** {@code nullDevice} is a descriptor of it, 3 or higher. */
    Spawner(Poller poller, OwnChildren children, int nullDevice) {
        this.poller = poller;
        this.children = children;
        this.nullDevice = nullDevice;
    }

    LinuxChildProcess spawn(ProcessSpec spec) throws StartException, TextBusyException {
        long ticket = children.beginStart();
        try {
            return start(spec);
        } finally {
            children.endStart(ticket);
        }
    }

    private LinuxChildProcess start(ProcessSpec spec) throws StartException, TextBusyException {
        try (Arena arena = Arena.ofConfined(); Buffer buffer = Buffer.borrow()) {
            MemorySegment argv = CStrings.array(spec.argv(), arena);
            MemorySegment environment = CStrings.array(spec.environment(), arena);
            MemorySegment directory = spec.directory() == null ? MemorySegment.NULL
                    : CStrings.one(spec.directory(), arena);
            byte[] program = ProgramSearch.find(spec, buffer);
            MemorySegment path = CStrings.one(program, arena);
            try (ChildPipes pipes = new ChildPipes()) {
                require(-pipes.open(spec, buffer));
                MemorySegment pid = arena.allocate(Integer.BYTES, Integer.BYTES);
                int error = spawn(pid, path, argv, environment, directory, pipes, arena);
                if (error == Abi.ENOENT && ProgramSearch.exists(program, spec, buffer)) {
                    throw new StartException(Reason.NOT_EXECUTABLE,
                            "the program cannot be started: its interpreter is missing");
                }
                require(error);
                pipes.closeTheirs();
                return watched(pid.get(JAVA_INT, 0), pipes, buffer);
            }
        }
    }

    private int spawn(MemorySegment pid, MemorySegment path, MemorySegment argv, MemorySegment environment,
                      MemorySegment directory, ChildPipes pipes, Arena arena) {
        MemorySegment actions = arena.allocate(Abi.FILE_ACTIONS_BYTES, 16);
        int error = SpawnCalls.initActions(actions);
        if (error != 0) {
            return error;
        }
        try {
            error = SpawnCalls.fillActions(actions, pipes.theirs(0, nullDevice), pipes.theirs(1, nullDevice),
                    pipes.theirs(2, nullDevice), directory);
            return error != 0 ? error : SpawnCalls.spawn(pid, path, actions, attributes, argv, environment);
        } finally {
            SpawnCalls.destroyActions(actions);
        }
    }

    private LinuxChildProcess watched(int pid, ChildPipes pipes, Buffer buffer)
            throws StartException, TextBusyException {
        int pidfd = ProcessCalls.openPidfd(pid, buffer);
        if (pidfd < 0) {
            ProcessCalls.killGroup(pid, Signals.KILL);
            ProcessCalls.reapBlocking(pid);
            require(-pidfd);
        }
        LinuxChildProcess child = new LinuxChildProcess(pid, pidfd, pipes, poller, children);
        try {
            child.watch(buffer);
            return child;
        } catch (IOException e) {
            child.abandon();
            throw new StartException(Reason.NO_RESOURCES, "the host cannot watch another process now", e);
        }
    }

    /** Turns an errno into what the client is told; what the search can explain better, it has. */
    private static void require(int errno) throws StartException, TextBusyException {
        switch (errno) {
            case 0 -> { }
            case Abi.E2BIG ->
                    throw new StartException(Reason.ARGUMENTS_TOO_LONG, "the argument list is too long");
            case Abi.EAGAIN, Abi.ENOMEM, Abi.EMFILE, Abi.ENFILE, Abi.ENOSPC ->
                    throw new StartException(Reason.NO_RESOURCES,
                            "the host cannot start another process now");
            case Abi.ENOENT -> throw new StartException(Reason.PROGRAM_NOT_FOUND, "the program has gone");
            case Abi.ENOEXEC -> throw new StartException(Reason.NOT_EXECUTABLE,
                    "the program cannot be started: its format is unknown (a script needs a #! line)");
            case Abi.ETXTBSY -> throw new TextBusyException();
            default -> throw new StartException(Reason.NOT_EXECUTABLE,
                    "the program cannot be started: errno " + errno);
        }
    }
}
