package dev.heddle.process.linux.ffi;

import java.util.Locale;

/**
 * Every number and structure layout that the native engine relies on, with its source: a man page, or a header of the
 * kernel (under {@code include/uapi}) or of glibc. Where the architecture is not mentioned, x86-64 and aarch64 agree,
 * because both use the kernel's {@code asm-generic} headers.
 */
public final class Abi {
    public static final String ARCHITECTURE = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    public static final boolean X86_64 = ARCHITECTURE.equals("amd64") || ARCHITECTURE.equals("x86_64");
    public static final boolean AARCH64 = ARCHITECTURE.equals("aarch64");

    // System calls: arch/x86/entry/syscalls/syscall_64.tbl; asm-generic/unistd.h for aarch64
    static final long SYS_WAITID = X86_64 ? 247 : 95;
    static final long SYS_PIDFD_OPEN = 434; // on all architectures; glibc has a wrapper from 2.36 on
    static final long SYS_PIDFD_GETFD = 438; // on all architectures

    // errno: asm-generic/errno-base.h, asm-generic/errno.h
    public static final int ENOENT = 2;
    static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int E2BIG = 7;
    public static final int ENOEXEC = 8;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int ENOTDIR = 20;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ETXTBSY = 26;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENAMETOOLONG = 36;

    // open(2), fcntl(2), pipe(2): asm-generic/fcntl.h
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_ACCMODE = 3;
    static final int O_NONBLOCK = 0x800;
    public static final int O_PATH = 0x200000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_DIRECTORY = X86_64 ? 0x10000 : 0x4000; // arch/arm64/include/uapi/asm/fcntl.h has its own
    public static final int O_NOFOLLOW = X86_64 ? 0x20000 : 0x8000; // this one too
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int F_DUPFD_CLOEXEC = 1030;

    // close_range(2): linux/close_range.h. The range is the highest number alone, which no descriptor has.
    static final int CLOSE_RANGE_UNSHARE = 2;
    static final int NO_DESCRIPTOR = ~0;

    // eventfd(2): glibc bits/eventfd.h
    static final int EFD_CLOEXEC = O_CLOEXEC;
    static final int EFD_NONBLOCK = O_NONBLOCK;

    // faccessat(2), statx(2): linux/fcntl.h, glibc unistd.h, linux/stat.h
    public static final int AT_FDCWD = -100;
    static final int AT_EACCESS = 0x200;
    static final int X_OK = 1;
    static final int STATX_TYPE = 1;
    public static final long STATX_BYTES = 256; // struct statx is alike on all architectures
    public static final long STATX_MODE_OFFSET = 28; // __u16 stx_mode
    public static final int S_IFMT = 0xF000;
    public static final int S_IFREG = 0x8000;
    public static final int PATH_MAX = 4096; // linux/limits.h, with the final NUL

    // epoll_ctl(2), epoll_create1(2): linux/eventpoll.h
    static final int EPOLL_CLOEXEC = O_CLOEXEC;
    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLLIN = 0x1;
    public static final int EPOLLOUT = 0x4;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;
    // struct epoll_event { __poll_t events; __u64 data; } is packed on x86-64 only (EPOLL_PACKED)
    public static final long EPOLL_EVENT_BYTES = X86_64 ? 12 : 16;
    public static final long EPOLL_DATA_OFFSET = X86_64 ? 4 : 8;

    // waitid(2), wait4(2): linux/wait.h; siginfo_t: asm-generic/siginfo.h with 64-bit pointers
    static final int P_PID = 1;
    static final int WNOHANG = 1;
    static final int WEXITED = 4;
    static final int WNOWAIT = 0x01000000;
    public static final long SIGINFO_BYTES = 128;
    public static final long SIGINFO_CODE_OFFSET = 8;
    public static final long SIGINFO_PID_OFFSET = 16;
    public static final long SIGINFO_STATUS_OFFSET = 24;
    public static final int CLD_EXITED = 1; // any other code of a WEXITED wait is a death by signal
    // struct rusage: linux/resource.h; two struct timeval of two longs each come first
    public static final long RUSAGE_BYTES = 144;
    public static final long RUSAGE_USER_OFFSET = 0;
    public static final long RUSAGE_SYSTEM_OFFSET = 16;
    public static final long TIMEVAL_MICROS_OFFSET = 8;

    // getpriority(2), getrlimit(2): linux/resource.h, asm-generic/resource.h
    static final int PRIO_PROCESS = 0;
    static final int PRIO_PGRP = 1;
    public static final int LOWEST_PRIORITY = 19;
    public static final int RLIMIT_NOFILE = 7;

    // prctl(2): linux/prctl.h
    static final int PR_GET_CHILD_SUBREAPER = 37;

    // signal(7): asm-generic/signal.h and x86's own
    public static final int SIGCHLD = 17;
    public static final int SIGCONT = 18;

    // sigaction(2): asm-generic/signal.h and x86's own; the structure: glibc bits/sigaction.h, and musl
    public static final long SIGACTION_BYTES = 152;
    public static final long SIGACTION_HANDLER_OFFSET = 0;
    public static final long SIGACTION_FLAGS_OFFSET = 136; // behind the mask of 128 bytes
    public static final long SIG_IGN = 1;
    public static final int SA_SIGINFO = 4;
    public static final int SA_RESTART = 0x10000000;

    // posix_spawn(3): glibc posix/spawn.h, bits/types/__sigset_t.h. The structures are 336, 80 and 128 bytes
    // with 64-bit pointers; they are opaque here, with room to spare.
    public static final int POSIX_SPAWN_SETSIGDEF = 0x04;
    public static final int POSIX_SPAWN_SETSIGMASK = 0x08;
    public static final int POSIX_SPAWN_SETSID = 0x80;
    public static final long SPAWNATTR_BYTES = 512;
    public static final long FILE_ACTIONS_BYTES = 256;
    public static final long SIGSET_BYTES = 128;

    private Abi() {}
}
