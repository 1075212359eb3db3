package dev.heddle.process.linux.ffi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Calls on descriptors and files; none blocks on a pipe. Each returns what the kernel does: a result, or a negative
 * errno.
 */
public final class FileCalls {
    private static final CFunction READ = Libc.function("read");
    private static final CFunction WRITE = Libc.function("write");
    private static final CFunction CLOSE = Libc.function("close");
    private static final CFunction PIPE2 = Libc.function("pipe2");
    private static final CFunction FCNTL = Libc.function("fcntl");
    private static final CFunction DUP3 = Libc.function("dup3");
    private static final CFunction CLOSE_RANGE = Libc.function("close_range");
    private static final CFunction SYSCALL = Libc.function("syscall");
    private static final CFunction EVENTFD = Libc.function("eventfd");
    private static final CFunction OPENAT = Libc.function("openat");
    private static final CFunction FACCESSAT = Libc.function("faccessat");
    private static final CFunction STATX = Libc.function("statx");
    private static final CFunction EPOLL_CREATE1 = Libc.function("epoll_create1");
    private static final CFunction EPOLL_CTL = Libc.function("epoll_ctl");
    private static final CFunction EPOLL_WAIT = Libc.function("epoll_wait");

    private FileCalls() {}

    /** Returns the result of a call, or throws what its errno means to one that cannot go on. */
    public static int check(String call, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " fails with errno " + -result);
        }
        return result;
    }

    public static int read(int fd, Buffer buffer, long length) {
        return READ.call(buffer, fd, buffer.memory.address(), length, 0);
    }

    /** Writes; the errno is of no interest. */
    public static void writePlain(int fd, MemorySegment bytes) {
        WRITE.callPlain(fd, bytes.address(), bytes.byteSize());
    }

    public static int write(int fd, Buffer buffer, long length) {
        return WRITE.call(buffer, fd, buffer.memory.address(), length, 0);
    }

    /** Closes a descriptor. Linux frees the number whatever {@code close(2)} returns; so nothing is returned. */
    public static void close(int fd) {
        CLOSE.callPlain(fd);
    }

    /** Opens a pipe: its reading and writing end, close-on-exec, are two ints at the start of the buffer. */
    public static int pipe(Buffer buffer) {
        return PIPE2.call(buffer, buffer.memory.address(), Abi.O_CLOEXEC, 0, 0);
    }

    public static int setNonBlocking(int fd, Buffer buffer) {
        return FCNTL.call(buffer, fd, Abi.F_SETFL, Abi.O_NONBLOCK, 0);
    }

    /** The flags that a descriptor was opened with. */
    public static int flags(int fd, Buffer buffer) {
        return FCNTL.call(buffer, fd, Abi.F_GETFL, 0, 0);
    }

    /** Makes another descriptor for an open file, close-on-exec: the lowest free number from the given one on. */
    public static int duplicate(int fd, int from, Buffer buffer) {
        return FCNTL.call(buffer, fd, Abi.F_DUPFD_CLOEXEC, from, 0);
    }

    /** Closes a descriptor and makes its number another one for the open file of {@code by}, in one step. */
    public static int replace(int fd, int by, Buffer buffer) {
        return DUP3.call(buffer, by, fd, Abi.O_CLOEXEC, 0);
    }

    /** Gives the calling thread a descriptor table of its own, a copy of the one it had. */
    public static int unshareTable(Buffer buffer) {
        return CLOSE_RANGE.call(buffer, Abi.NO_DESCRIPTOR, Abi.NO_DESCRIPTOR, Abi.CLOSE_RANGE_UNSHARE, 0);
    }

    /** Makes a descriptor, close-on-exec, for the open file that the table of another process has at this number. */
    public static int fetch(int pidfd, int fd, Buffer buffer) {
        return SYSCALL.call(buffer, Abi.SYS_PIDFD_GETFD, pidfd, fd, 0);
    }

    /** Opens a counter that wakes a thread which waits for it, see {@code eventfd(2)}. */
    public static int eventCounter(Buffer buffer) {
        return EVENTFD.call(buffer, 0, Abi.EFD_CLOEXEC | Abi.EFD_NONBLOCK, 0, 0);
    }

    public static int open(MemorySegment path, int flags, Buffer buffer) {
        return openAt(Abi.AT_FDCWD, path, flags, buffer);
    }

    /** Opens a path, which may be relative to the directory. */
    public static int openAt(int directory, MemorySegment path, int flags, Buffer buffer) {
        return OPENAT.call(buffer, directory, path.address(), flags, 0);
    }

    /** Returns 0 if the path may be executed, or entered if it is a directory, with the effective ids. */
    public static int checkExecutable(int directory, MemorySegment path, Buffer buffer) {
        return FACCESSAT.call(buffer, directory, path.address(), Abi.X_OK, Abi.AT_EACCESS);
    }

    public static int statx(int directory, MemorySegment path, MemorySegment statx, Buffer buffer) {
        return STATX.call(buffer, directory, path.address(), 0, Abi.STATX_TYPE, statx.address(), 0);
    }

    public static int epollCreate(Buffer buffer) {
        return EPOLL_CREATE1.call(buffer, Abi.EPOLL_CLOEXEC, 0, 0, 0);
    }

    /** Changes what is waited for; the event is at the start of the buffer. */
    public static int epollControl(int epoll, int operation, int fd, Buffer buffer) {
        return EPOLL_CTL.call(buffer, epoll, operation, fd, buffer.memory.address());
    }

    /** Waits for events and writes them into the buffer. Blocks, without a bound if the timeout is -1. */
    public static int epollWait(int epoll, int maxEvents, int timeoutMillis, Buffer buffer) {
        return EPOLL_WAIT.call(buffer, epoll, buffer.memory.address(), maxEvents, timeoutMillis);
    }
}
