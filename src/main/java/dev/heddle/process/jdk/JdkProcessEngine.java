package dev.heddle.process.jdk;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.Stdio;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.ProgramSearch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts programs with {@link ProcessBuilder}, each in a session and process group of its own with the help of
 * {@code setsid(1)}, which only makes the session and then executes the program under its own pid.
 *
 * <p>Platform threads wait for each child's pipes and its end, because a blocked read of a {@code java.lang.Process}
 * stream holds a carrier thread: some hundred of them would stop every virtual thread of the JVM. Hence {@link
 * #maxProcesses()} is small.
 *
 * <p>Known limits:
 * <ul>
 * <li>Processes that leave the session before the leader has exited are not killed, and hold two threads for as long as
 *     they hold the pipes.
 * <li>Death by signal <i>n</i> and an exit with code 128+<i>n</i> look alike and are reported as the signal.
 * <li>A fault that only the kernel finds in a program, such as the missing interpreter of a script, is reported by
 *     setsid, with exit code 126 or 127.
 * <li>The group is signalled by the number of a leader that the JDK has reaped.
 * <li>A start holds its thread, and with it a carrier, for as long as the host takes.
 * <li>CPU times are unknown.
 * <li>The child itself sees that a directory was replaced after it was checked; it then ends with exit code 126 in
 *     place of the program.
 * </ul>
 */
public final class JdkProcessEngine implements ProcessEngine {
    private static final int MAX_PROCESSES = 256;
    private static final int CONCURRENT_STARTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    /** Both ends of three pipes, and of the two that the JDK's childproc.h has for the start of a child. */
    private static final int DESCRIPTORS_OF_A_PROCESS = 10;
    /** Four for each process, and as many again for processes whose pipes a daemon holds after their end. */
    private static final int MAX_PUMPS = 2 * 4 * MAX_PROCESSES;
    /** Linux's MAX_ARG_STRLEN, and the largest limit that it can have on all arguments together, see execve(2). */
    private static final int MAX_WORD_BYTES = 128 * 1024 - 1;
    private static final long MAX_ARGUMENT_BYTES = 6L << 20;
    private static final File NULL_DEVICE = new File("/dev/null");
    private static final Pattern ERRNO = Pattern.compile("error[=:] ?([0-9]+)");

    private final AtomicLong pumpCount = new AtomicLong();
    private final Executor pumps = new ThreadPoolExecutor(0, MAX_PUMPS, 2, TimeUnit.SECONDS,
            new SynchronousQueue<>(), this::newPumpThread);
    /** Where setsid(1) is, or null on a system without it. */
    private final String setsid = Stream.of("/usr/local/bin/setsid", "/usr/bin/setsid", "/bin/setsid")
            .filter(path -> Files.isExecutable(Path.of(path))).findFirst().orElse(null);

    @Override
    public String name() {
        return "jdk";
    }

    @Override
    public int maxProcesses() {
        return MAX_PROCESSES;
    }

    @Override
    public int concurrentStarts() {
        return CONCURRENT_STARTS;
    }

    /** Never: each start hangs, if it does, on its caller's thread, and holds no other. */
    @Override
    public boolean startsHang() {
        return false;
    }

    @Override
    public long descriptors(int processes) {
        return (long) DESCRIPTORS_OF_A_PROCESS * processes; // nothing bounds how many are being started
    }

    @Override
    public ChildProcess start(ProcessSpec spec) throws RefusedException {
        Stdio.Pipes pipes = spec.pipesOnly();
        requireSmall(spec);
        Process process;
        try {
            process = builder(spec, pipes).start();
        } catch (IOException e) {
            throw startFailure(e);
        }
        try {
            return new JdkChildProcess(process, pipes, setsid != null, pumps);
        } catch (Throwable e) {
            process.destroyForcibly(); // without threads for its pipes it must not run on
            throw new RefusedException(Refusal.NO_RESOURCES, "no thread left for the command's output", e);
        }
    }

    /** Refuses words that the kernel would refuse, before they are decoded and copied. */
    private static void requireSmall(ProcessSpec spec) throws RefusedException {
        long total = 0;
        for (byte[] word : spec.argv()) {
            total += word.length;
            if (word.length > MAX_WORD_BYTES || total > MAX_ARGUMENT_BYTES) {
                throw RefusedException.tooLong();
            }
        }
    }

    private ProcessBuilder builder(ProcessSpec spec, Stdio.Pipes pipes) throws RefusedException {
        List<String> argv = new ArrayList<>(spec.argv().size() + 1);
        for (byte[] word : spec.argv()) {
            argv.add(PlatformText.decode(word, "an argument"));
        }
        Map<String, String> environment = PlatformText.decodeEnvironment(spec.environment());
        File directory = spec.directory().isEmpty() ? null
                : new File(PlatformText.decode(spec.directory().get().path(), "the directory"));
        argv.set(0, PlatformText.decode(ProgramSearch.find(spec, StartDirectory.of(directory)::look), "an argument"));
        if (directory != null && spec.directory().get().linkFree()) {
            argv.addAll(0, List.of("/bin/sh", "-c", onlyThere(environment), directory.getPath()));
        }
        if (setsid != null) {
            argv.add(0, setsid);
        }
        ProcessBuilder builder = new ProcessBuilder(argv).directory(directory).redirectErrorStream(pipes.merged());
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (!pipes.stdin()) {
            builder.redirectInput(NULL_DEVICE);
        }
        return builder;
    }

    /**
     * A script that executes the program only if it runs in the directory "$0": renaming cannot move it any more. The
     * line break of pwd is kept, because a name may end in one. Variables that the shell sets are unset, unless the
     * command has them.
     */
    private static String onlyThere(Map<String, String> environment) {
        List<String> set = new ArrayList<>(List.of("PWD", "OLDPWD", "SHLVL"));
        set.removeAll(environment.keySet());
        return "[ \"$(pwd -P; echo .)\" = \"$0\n.\" ] || {\n"
                + "echo \"heddle: directory '$0' has been replaced\" >&2\nexit 126\n}\n"
                + set.stream().map(name -> "unset " + name + "\n").collect(Collectors.joining()) + "exec \"$@\"";
    }

    /** Only the message tells the errno; its form differs between launch mechanisms. */
    private static RefusedException startFailure(IOException e) {
        String text = String.valueOf(e.getMessage());
        Matcher errno = ERRNO.matcher(text);
        return switch (errno.find() ? Integer.parseInt(errno.group(1)) : 0) {
            case 7 -> new RefusedException(Refusal.ARGUMENTS_TOO_LONG, "the argument list is too long", e); // E2BIG
            case 11, 12, 23, 24 -> RefusedException.hostIsFull(e); // EAGAIN, ENOMEM, ENFILE, EMFILE
            default -> new RefusedException(Refusal.NOT_EXECUTABLE, "the program cannot be started: " + text, e);
        };
    }

    private Thread newPumpThread(Runnable task) {
        return Thread.ofPlatform().daemon().name("pipe-pump-" + pumpCount.incrementAndGet())
                .stackSize(256 * 1024).unstarted(task);
    }
}
