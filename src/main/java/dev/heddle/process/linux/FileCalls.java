package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls on descriptors and files. Each returns what the kernel does: a result, or a negative errno. Those
 * that a virtual thread may make do not block: the descriptors are non-blocking.
 */
final class FileCalls {
    private static final FunctionDescriptor MOVE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle READ = Libc.withErrno("read", MOVE);
    private static final MethodHandle WRITE = Libc.withErrno("write", MOVE);
    private static final MethodHandle CLOSE =
            Libc.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PIPE2 =
            Libc.withErrno("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FCNTL =
            Libc.variadicWithErrno("fcntl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle DUP3 = Libc.withErrno("dup3",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE_RANGE = Libc.withErrno("close_range",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle PIDFD_GETFD = Libc.variadicWithErrno("syscall", 1,
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle EVENTFD =
            Libc.withErrno("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle OPEN =
            Libc.variadicWithErrno("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FACCESSAT = Libc.withErrno("faccessat",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle STATX = Libc.withErrno("statx",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_CREATE1 =
            Libc.withErrno("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL = Libc.withErrno("epoll_ctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT = Libc.withErrno("epoll_wait",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private FileCalls() {}

    static int read(int fd, Buffer buffer, long length) {
        try {
            return buffer.result((long) READ.invokeExact(buffer.errno, fd, buffer.memory, length));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int write(int fd, Buffer buffer, long length) {
        try {
            return buffer.result((long) WRITE.invokeExact(buffer.errno, fd, buffer.memory, length));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Linux frees the number whatever this returns, see {@code close(2)}; so nothing is returned. */
    static void close(int fd) {
        try {
            int ignored = (int) CLOSE.invokeExact(fd);
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Puts the two descriptors, close-on-exec, as two ints at the begin of the buffer. */
    static int pipe(Buffer buffer) {
        try {
            return buffer.result((int) PIPE2.invokeExact(buffer.errno, buffer.memory, Abi.O_CLOEXEC));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int setNonBlocking(int fd, Buffer buffer) {
        try {
            return buffer.result((int) FCNTL.invokeExact(buffer.errno, fd, Abi.F_SETFL, Abi.O_NONBLOCK));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** The flags that a descriptor was opened with. */
    static int flags(int fd, Buffer buffer) {
        try {
            return buffer.result((int) FCNTL.invokeExact(buffer.errno, fd, Abi.F_GETFL, 0));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Closes a descriptor and makes its number another one for what {@code by} is, in one step. */
    static int replace(int fd, int by, Buffer buffer) {
        try {
            return buffer.result((int) DUP3.invokeExact(buffer.errno, by, fd, Abi.O_CLOEXEC));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Gives the calling thread a descriptor table of its own, a copy of that which it had. */
    static int unshareTable(Buffer buffer) {
        try {
            return buffer.result((int) CLOSE_RANGE.invokeExact(buffer.errno, Abi.NO_DESCRIPTOR, Abi.NO_DESCRIPTOR,
                    Abi.CLOSE_RANGE_UNSHARE));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Another descriptor, close-on-exec, for what another table, that of the process, knows by this number. */
    static int fetch(int pidfd, int fd, Buffer buffer) {
        try {
            return buffer.result((long) PIDFD_GETFD.invokeExact(buffer.errno, Abi.SYS_PIDFD_GETFD, pidfd, fd, 0));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** A counter that another thread can be told something with, see {@code eventfd(2)}. */
    static int eventCounter(Buffer buffer) {
        try {
            return buffer.result((int) EVENTFD.invokeExact(buffer.errno, 0, Abi.EFD_CLOEXEC | Abi.EFD_NONBLOCK));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int open(MemorySegment path, int flags, Buffer buffer) {
        try {
            return buffer.result((int) OPEN.invokeExact(buffer.errno, path, flags));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Whether the path may be executed, or entered if it is a directory, with the effective ids. */
    static int checkExecutable(MemorySegment path, Buffer buffer) {
        try {
            return buffer.result((int) FACCESSAT.invokeExact(buffer.errno, Abi.AT_FDCWD, path, Abi.X_OK,
                    Abi.AT_EACCESS));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int statx(MemorySegment path, MemorySegment statx, Buffer buffer) {
        try {
            return buffer.result((int) STATX.invokeExact(buffer.errno, Abi.AT_FDCWD, path, 0, Abi.STATX_TYPE,
                    statx));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    static int epollCreate(Buffer buffer) {
        try {
            return buffer.result((int) EPOLL_CREATE1.invokeExact(buffer.errno, Abi.EPOLL_CLOEXEC));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** The event is at the begin of the buffer. */
    static int epollControl(int epoll, int operation, int fd, Buffer buffer) {
        try {
            return buffer.result((int) EPOLL_CTL.invokeExact(buffer.errno, epoll, operation, fd,
                    buffer.memory));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }

    /** Blocks, without a bound if the timeout is -1: for the poller's own thread. */
    static int epollWait(int epoll, int maxEvents, int timeoutMillis, Buffer buffer) {
        try {
            return buffer.result((int) EPOLL_WAIT.invokeExact(buffer.errno, epoll, buffer.memory, maxEvents,
                    timeoutMillis));
        } catch (Throwable e) {
            throw Libc.broken(e);
        }
    }
}
