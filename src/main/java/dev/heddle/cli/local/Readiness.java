package dev.heddle.cli.local;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * Tells by poll(2) whether a standard stream of this process can be read or written. Another program may have made the
 * stream non-blocking; the flag belongs to all processes that share the pipe or terminal, so it is left as it is. The
 * class is loaded only when it is needed, because the first native call takes as long as a good part of a client's
 * start.
 *
 * <p><b>Threading:</b> any thread may call.
 */
final class Readiness {
    // poll.h, on Linux and macOS
    private static final short POLLIN = 0x1;
    private static final short POLLOUT = 0x4;
    private static final short POLLERR = 0x8;
    private static final short POLLHUP = 0x10;
    private static final long POLLFD_BYTES = 8; // int fd; short events; short revents
    private static final long EVENTS_OFFSET = 4;
    private static final long RETURNED_OFFSET = 6;
    private static final int EINTR = 4;
    private static final int FOR_EVER = -1;

    private static final StructLayout ERRNO = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = ERRNO.byteOffset(PathElement.groupElement("errno"));
    private static final MethodHandle POLL = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().find("poll").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), Linker.Option.captureCallState("errno"));

    private Readiness() {}

    /** Blocks until there is something to read, or the stream has ended. */
    static void awaitReadable(int descriptor) throws IOException {
        poll(descriptor, POLLIN, FOR_EVER);
    }

    /** Blocks until there is room to write, or no reader is left. */
    static void awaitWritable(int descriptor) throws IOException {
        poll(descriptor, POLLOUT, FOR_EVER);
    }

    /** Tells whether all readers of the stream have left. Does not block. */
    static boolean isReaderGone(int descriptor) throws IOException {
        return (poll(descriptor, POLLOUT, 0) & (POLLERR | POLLHUP)) != 0;
    }

    /** Returns what poll has seen; it may return early, with nothing seen. */
    private static int poll(int descriptor, short events, int millis) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(ERRNO);
            MemorySegment entry = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            entry.set(JAVA_INT, 0, descriptor);
            entry.set(JAVA_SHORT, EVENTS_OFFSET, events);
            if (call(errno, entry, millis) < 0 && errno.get(JAVA_INT, ERRNO_OFFSET) != EINTR) {
                throw new IOException("poll fails with errno " + errno.get(JAVA_INT, ERRNO_OFFSET));
            }
            return entry.get(JAVA_SHORT, RETURNED_OFFSET);
        }
    }

    private static int call(MemorySegment errno, MemorySegment entry, int millis) {
        try {
            return (int) POLL.invokeExact(errno, entry, 1L, millis);
        } catch (Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException("poll cannot be called", thrown); // a signature here is wrong
        }
    }
}
