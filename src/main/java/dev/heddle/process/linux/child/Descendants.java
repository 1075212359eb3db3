package dev.heddle.process.linux.child;

import dev.heddle.process.linux.ffi.ProcessCalls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Finds the descendants of a leader, by the lists of children that procfs keeps, see {@code proc_pid_task(5)}: at the
 * cost of the one tree, not of all processes. A process whose parent has ended is on no list of this tree any more
 * and is not found.
 */
final class Descendants {
    /** A tree that grows as fast as it is looked at must not hold its end up. */
    private static final int MAX_PROCESSES = 4096;

    private final long group;
    private final Set<ProcessHandle> outside = new HashSet<>();
    private final List<Long> inside = new ArrayList<>(); // and alive; the leader among them
    private final Queue<Long> parents = new ArrayDeque<>(); // found, and not yet looked at

    private Descendants(long group) {
        this.group = group;
    }

    /** Looks for them. The leader must not have been reaped. Looks at so many processes and no more. */
    static Descendants of(long leader) {
        Descendants search = new Descendants(leader);
        search.inside.add(leader);
        search.parents.add(leader);
        for (int i = 0; i < MAX_PROCESSES && !search.parents.isEmpty(); i++) {
            search.addChildrenOf(search.parents.remove());
        }
        return search;
    }

    /** Those that have left the leader's group. */
    Set<ProcessHandle> outside() {
        return outside;
    }

    /** Whether the kernel refuses to signal the leader, or one that is in its group. */
    boolean anyInsideRefuses() {
        return inside.stream().anyMatch(ProcessCalls::refusesSignals);
    }

    private void addChildrenOf(long parent) {
        List<Long> children = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + parent + "/task"))) {
            for (Path task : tasks) {
                for (String child : read(task.resolve("children")).split(" ")) {
                    if (!child.isEmpty()) {
                        children.add(Long.parseLong(child));
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // the parent has just ended, and its children are somebody else's now
        }
        children.forEach(child -> add(child, parent));
    }

    private void add(long pid, long parent) {
        Optional<ProcessHandle> process = ProcessHandle.of(pid); // remembers its start: the pid may be reused
        String stat;
        try {
            stat = read(Path.of("/proc/" + pid + "/stat"));
        } catch (IOException e) {
            return; // it has just ended
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 4); // state, parent, group
        if (process.isPresent() && Long.parseLong(fields[1]) == parent) {
            if (Long.parseLong(fields[2]) != group) {
                outside.add(process.get());
            } else if (!fields[0].equals("Z")) {
                inside.add(pid);
            }
            parents.add(pid);
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    }
}
