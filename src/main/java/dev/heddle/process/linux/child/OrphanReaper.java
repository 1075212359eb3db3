package dev.heddle.process.linux.child;

import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reaps processes that became children of this JVM because their own parents have ended: the lot of the first
 * process of a container, and of a subreaper, see {@code prctl(2)}. Nobody else would, and zombies take numbers
 * for ever. One daemon thread looks at the lists of children that procfs keeps, once a second; it runs only where
 * it is needed, and as long as the JVM.
 *
 * <p>It must not take an exit that somebody waits for. A zombie is reaped when it was seen twice, a second apart,
 * and is none of the {@link OwnChildren}. Children of {@link Process} have threads of their own that wait in the
 * kernel and are much faster; the server with this engine starts none.
 */
public final class OrphanReaper {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanReaper.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Path SELF = Path.of("/proc/self");
    private static final int START_TIME_FIELD = 19; // counted from the state on; the 22nd in proc_pid_stat(5)

    private final OwnChildren own;
    private Map<Integer, Suspect> suspects = new HashMap<>(); // the reaping thread's

    /**
     * A zombie that nobody seems to wait for.
     *
     * @param startTime tells it from another process of the same number
     * @param tickets   of the starts that may have made it
     */
    private record Suspect(String startTime, long tickets) {}

    private OrphanReaper(OwnChildren own) {
        this.own = own;
    }

    /** Starts to reap, if orphans come to this process at all. */
    public static void startIfNeeded(OwnChildren own, Buffer buffer) {
        long pid = ProcessHandle.current().pid();
        if (pid != 1 && !ProcessCalls.isSubreaper(buffer)) {
            return;
        }
        try {
            if (!SELF.toRealPath().getFileName().toString().equals(Long.toString(pid))) {
                throw new IOException("/proc shows another PID namespace");
            }
        } catch (IOException e) {
            LOG.warn("orphans come to this process, but cannot be reaped: {}", e.getMessage());
            return;
        }
        Thread.ofPlatform().daemon().name("orphan-reaper").start(new OrphanReaper(own)::reapForEver);
        LOG.info("orphans of this {} are reaped", pid == 1 ? "PID namespace" : "subreaper");
    }

    private void reapForEver() {
        Throwable failure = null; // to be logged in the next round: there may be no memory for that in this one
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(INTERVAL);
                if (failure != null) {
                    LOG.warn("orphans could not be looked for: {}", failure.getMessage());
                    failure = null;
                }
                look();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // nobody does that
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    private void look() throws IOException {
        Map<Integer, Suspect> seen = new HashMap<>();
        for (int pid : children()) {
            if (own.contains(pid)) {
                continue;
            }
            String startTime = startTimeOfZombie(pid);
            if (startTime == null) {
                continue;
            }
            Suspect before = suspects.get(pid);
            Suspect suspect = before != null && before.startTime().equals(startTime) ? before
                    : new Suspect(startTime, own.tickets());
            if (suspect == before && own.areOver(suspect.tickets()) && !own.contains(pid)) {
                ProcessCalls.reap(pid);
                LOG.debug("orphan {} reaped", pid);
            } else {
                seen.put(pid, suspect);
            }
        }
        suspects = seen;
    }

    /** Each thread has a list: of the children that it has started, or that have come to it. */
    private static Set<Integer> children() throws IOException {
        Set<Integer> children = new HashSet<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(SELF.resolve("task"))) {
            for (Path task : tasks) {
                for (String child : read(task.resolve("children")).split(" ")) {
                    if (!child.isEmpty()) {
                        children.add(Integer.valueOf(child));
                    }
                }
            }
        }
        return children;
    }

    /** Null when it is no zombie. */
    private static String startTimeOfZombie(int pid) throws IOException {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        if (stat.isEmpty()) {
            return null; // somebody has just reaped it
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return fields[0].equals("Z") ? fields[START_TIME_FIELD] : null;
    }

    /** Empty when the thread or the process has just ended. */
    private static String read(Path file) throws IOException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            if (!Files.exists(file)) {
                return ""; // ESRCH, for a file that was open already
            }
            throw e;
        }
    }
}
