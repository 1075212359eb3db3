package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The {@code posix_spawn(3)} family. These return an errno as a positive number, or 0. */
final class SpawnCalls {
    private static final FunctionDescriptor ON_ONE = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final FunctionDescriptor ON_TWO = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SPAWN = Libc.function("posix_spawn",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle ATTRIBUTES_INIT = Libc.function("posix_spawnattr_init", ON_ONE);
    private static final MethodHandle SET_FLAGS = Libc.function("posix_spawnattr_setflags",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
    private static final MethodHandle SET_DEFAULTS = Libc.function("posix_spawnattr_setsigdefault", ON_TWO);
    private static final MethodHandle SET_MASK = Libc.function("posix_spawnattr_setsigmask", ON_TWO);
    private static final MethodHandle ACTIONS_INIT = Libc.function("posix_spawn_file_actions_init", ON_ONE);
    private static final MethodHandle ACTIONS_DESTROY =
            Libc.function("posix_spawn_file_actions_destroy", ON_ONE);
    private static final MethodHandle ADD_DUP2 = Libc.function("posix_spawn_file_actions_adddup2",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_CLOSEFROM =
            Libc.function("posix_spawn_file_actions_addclosefrom_np",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ADD_CHDIR =
            Libc.function("posix_spawn_file_actions_addchdir_np", ON_TWO);

    private SpawnCalls() {}

    /**
     * What every child gets: a session of its own, so that it has no terminal and its group is its own; every
     * signal at its default, because ignored ones would be inherited; no signal blocked. The set of all
     * signals is made by hand: sigfillset(3) leaves the C library's own 32 and 33 out, and glibc then hands
     * them down ignored.
     */
    static MemorySegment attributes(Arena arena) {
        MemorySegment attributes = arena.allocate(Abi.SPAWNATTR_BYTES, 16);
        MemorySegment signals = arena.allocate(Abi.SIGSET_BYTES, 16);
        short flags = Abi.POSIX_SPAWN_SETSID | Abi.POSIX_SPAWN_SETSIGDEF | Abi.POSIX_SPAWN_SETSIGMASK;
        try {
            require((int) ATTRIBUTES_INIT.invokeExact(attributes));
            require((int) SET_FLAGS.invokeExact(attributes, flags));
            signals.fill((byte) 0xff);
            require((int) SET_DEFAULTS.invokeExact(attributes, signals));
            signals.fill((byte) 0);
            require((int) SET_MASK.invokeExact(attributes, signals));
            return attributes;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    private static void require(int error) {
        if (error != 0) {
            throw new IllegalStateException("spawn attributes are refused: errno " + error);
        }
    }

    /**
     * What the child does before its exec. Its three descriptors come first: none of the sources is below 3.
     * All others are closed before it enters the directory, because that may hang on a dead mount, and a
     * hanging child must not hold the pipes of other commands.
     *
     * @param directory a C string, or NULL for none
     * @return an errno, or 0
     */
    static int fillActions(MemorySegment actions, int stdin, int stdout, int stderr,
                           MemorySegment directory) {
        try {
            int error = (int) ADD_DUP2.invokeExact(actions, stdin, 0);
            error = error != 0 ? error : (int) ADD_DUP2.invokeExact(actions, stdout, 1);
            error = error != 0 ? error : (int) ADD_DUP2.invokeExact(actions, stderr, 2);
            error = error != 0 ? error : (int) ADD_CLOSEFROM.invokeExact(actions, 3);
            if (error == 0 && directory.address() != 0) {
                error = (int) ADD_CHDIR.invokeExact(actions, directory);
            }
            return error;
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int initActions(MemorySegment actions) {
        try {
            return (int) ACTIONS_INIT.invokeExact(actions);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static void destroyActions(MemorySegment actions) {
        try {
            int ignored = (int) ACTIONS_DESTROY.invokeExact(actions);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Blocks until the child executes the program or has failed to: for ever, on a dead mount. */
    static int spawn(MemorySegment pid, MemorySegment path, MemorySegment actions, MemorySegment attributes,
                     MemorySegment argv, MemorySegment environment) {
        try {
            return (int) SPAWN.invokeExact(pid, path, actions, attributes, argv, environment);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }
}
