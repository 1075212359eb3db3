package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.CFunction;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.Libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The {@code posix_spawn(3)} family of functions. They return an errno as a positive number, or 0. */
final class SpawnCalls {
    private static final CFunction SPAWN = Libc.function("posix_spawn");
    private static final CFunction ATTRIBUTES_INIT = Libc.function("posix_spawnattr_init");
    private static final CFunction SET_FLAGS = Libc.function("posix_spawnattr_setflags");
    private static final CFunction SET_DEFAULTS = Libc.function("posix_spawnattr_setsigdefault");
    private static final CFunction SET_MASK = Libc.function("posix_spawnattr_setsigmask");
    private static final CFunction ACTIONS_INIT = Libc.function("posix_spawn_file_actions_init");
    private static final CFunction ACTIONS_DESTROY = Libc.function("posix_spawn_file_actions_destroy");
    private static final CFunction ADD_DUP2 = Libc.function("posix_spawn_file_actions_adddup2");
    private static final CFunction ADD_CLOSEFROM = Libc.function("posix_spawn_file_actions_addclosefrom_np");
    private static final CFunction ADD_FCHDIR = Libc.function("posix_spawn_file_actions_addfchdir_np");
    private static final CFunction ADD_CLOSE = Libc.function("posix_spawn_file_actions_addclose");
    private static final int DIRECTORY = 3; // its number in the child, until it is entered

    private SpawnCalls() {}

    /** The memory that a start is read from, and the pid written to; the actions are still to be filled in. */
    record Request(MemorySegment argv, MemorySegment environment, MemorySegment actions, MemorySegment pid) {
        static Request of(ProcessSpec spec, Arena arena) throws RefusedException {
            return new Request(CStrings.array(spec.argv(), arena), CStrings.array(spec.environment(), arena),
                    arena.allocate(Abi.FILE_ACTIONS_BYTES, 16), arena.allocate(Integer.BYTES, Integer.BYTES));
        }
    }

    /**
     * The attributes of every child: a session of its own, so that it has no terminal and leads its own group; every
     * signal at its default, because ignored ones would be inherited; no signal blocked. The set of all signals is made
     * by hand: sigfillset(3) leaves out the C library's own 32 and 33, and glibc then passes them on ignored.
     */
    static MemorySegment attributes(Arena arena) {
        MemorySegment attributes = arena.allocate(Abi.SPAWNATTR_BYTES, 16);
        MemorySegment signals = arena.allocate(Abi.SIGSET_BYTES, 16);
        int flags = Abi.POSIX_SPAWN_SETSID | Abi.POSIX_SPAWN_SETSIGDEF | Abi.POSIX_SPAWN_SETSIGMASK;
        require(ATTRIBUTES_INIT.callPlain(attributes.address()));
        require(SET_FLAGS.callPlain(attributes.address(), flags, 0));
        signals.fill((byte) 0xff);
        require(SET_DEFAULTS.callPlain(attributes.address(), signals.address(), 0));
        signals.fill((byte) 0);
        require(SET_MASK.callPlain(attributes.address(), signals.address(), 0));
        return attributes;
    }

    private static void require(int error) {
        if (error != 0) {
            throw new IllegalStateException("spawn attributes are refused: errno " + error);
        }
    }

    /**
     * Says what the child does before its exec; returns an errno, or 0. Its three descriptors come first: none of the
     * sources is below 3. All others are closed before it enters the directory, unless that is {@link Abi#AT_FDCWD}: it
     * may hang on a dead mount, and a hanging child must not hold the pipes of other commands.
     */
    static int fillActions(MemorySegment actions, int stdin, int stdout, int stderr, int directory) {
        boolean enters = directory != Abi.AT_FDCWD;
        int error = ADD_DUP2.callPlain(actions.address(), stdin, 0);
        error = error != 0 ? error : ADD_DUP2.callPlain(actions.address(), stdout, 1);
        error = error != 0 ? error : ADD_DUP2.callPlain(actions.address(), stderr, 2);
        error = error != 0 || !enters ? error : ADD_DUP2.callPlain(actions.address(), directory, DIRECTORY);
        error = error != 0 ? error : ADD_CLOSEFROM.callPlain(actions.address(), enters ? DIRECTORY + 1 : DIRECTORY, 0);
        error = error != 0 || !enters ? error : ADD_FCHDIR.callPlain(actions.address(), DIRECTORY, 0);
        return error != 0 || !enters ? error : ADD_CLOSE.callPlain(actions.address(), DIRECTORY, 0);
    }

    static int initActions(MemorySegment actions) {
        return ACTIONS_INIT.callPlain(actions.address());
    }

    static void destroyActions(MemorySegment actions) {
        ACTIONS_DESTROY.callPlain(actions.address());
    }

    /** Starts the child. Blocks until it executes the program or has failed to: for ever, on a dead mount. */
    static int spawn(Request request, MemorySegment path, MemorySegment attributes) {
        return SPAWN.callPlain(request.pid().address(), path.address(), request.actions().address(),
                attributes.address(), request.argv().address(), request.environment().address());
    }
}
