package dev.heddle.process.linux.child;

import dev.heddle.process.ProcessStat;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reaps processes that became children of this JVM because their own parents have ended. They come to the first process
 * of a container and to a subreaper, see {@code prctl(2)}; unless it reaps them, zombies hold their numbers for ever.
 * One daemon thread looks at the lists of children that procfs keeps, once a second; it runs only where it is needed,
 * and as long as the JVM.
 *
 * <p>It leaves an exit alone that another thread waits for: it reaps a zombie when it has seen it twice, and it is none
 * of the {@link OwnChildren}. Threads that wait for a {@link Process} in the kernel are much faster.
 */
public final class OrphanReaper {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanReaper.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Path SELF = Path.of("/proc/self");

    private final OwnChildren own;
    private Map<Integer, Suspect> suspects = new HashMap<>(); // used by the reaping thread only

    /** A zombie that nobody seems to wait for; all starts that may have made it have smaller tickets. */
    private record Suspect(String startTime, long tickets) {}

    private OrphanReaper(OwnChildren own) {
        this.own = own;
    }

    /** Starts to reap, if orphans come to this process. */
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
                Thread.currentThread().interrupt(); // unexpected
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    private void look() throws IOException {
        Map<Integer, Suspect> seen = new HashMap<>();
        for (int pid : ChildLists.read(SELF)) {
            Optional<ProcessStat> stat = own.contains(pid) ? Optional.empty() : ProcessStat.of(pid);
            if (stat.filter(ProcessStat::isZombie).isEmpty()) {
                continue;
            }
            String startTime = stat.get().startTime();
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
}
