package dev.heddle.process.linux.child;

import dev.heddle.process.ProcessStat;
import dev.heddle.process.linux.ffi.ProcessCalls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Finds the descendants of a leader by the lists of children that procfs keeps: at the cost of the one tree, not of
 * all processes. A process whose parent has ended is no longer on a list of this tree and is not found.
 */
final class Descendants {
    /** A tree that grows as fast as it is looked at must not hold its end up. */
    private static final int MAX_PROCESSES = 4096;

    private final long group;
    private final Set<ProcessHandle> outside = new HashSet<>(); // those that have left the group
    private final List<Long> inside = new ArrayList<>(); // and alive; the leader among them
    private final Queue<Long> parents = new ArrayDeque<>(); // found, and not yet looked at

    private Descendants(long group) {
        this.group = group;
    }

    /** Looks for them. The leader must not have been reaped. Looks at {@link #MAX_PROCESSES} processes at most. */
    static Descendants of(long leader) {
        Descendants search = new Descendants(leader);
        search.inside.add(leader);
        search.parents.add(leader);
        for (int i = 0; i < MAX_PROCESSES && !search.parents.isEmpty(); i++) {
            search.addChildrenOf(search.parents.remove());
        }
        return search;
    }

    Set<ProcessHandle> outside() {
        return outside;
    }

    /** Whether the kernel refuses to signal the leader, or one that is in its group. */
    boolean anyInsideRefuses() {
        return inside.stream().anyMatch(ProcessCalls::refusesSignals);
    }

    private void addChildrenOf(long parent) {
        try {
            ChildLists.read(Path.of("/proc", Long.toString(parent))).forEach(child -> add(child, parent));
        } catch (IOException e) {
            return; // the parent has just ended, and its children have another one now
        }
    }

    private void add(long pid, long parent) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid); // remembers its start: the pid may be reused
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (process.isEmpty() || stat.isEmpty() || stat.get().parent() != parent) {
            return; // it has just ended
        }
        if (stat.get().group() != group) {
            outside.add(process.get());
        } else if (!stat.get().isZombie()) {
            inside.add(pid);
        }
        parents.add(pid);
    }
}
