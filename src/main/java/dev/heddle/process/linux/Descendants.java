package dev.heddle.process.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Finds the descendants of a leader that have left its group, by the lists of children that procfs keeps, see
 * {@code proc_pid_task(5)}: at the cost of the one tree, not of all processes. A process whose parent has
 * ended is on no list of this tree any more and is not found.
 */
final class Descendants {
    /** A tree that grows as fast as it is looked at must not hold its end up. */
    private static final int MAX_PROCESSES = 4096;

    private final long group;
    private final Set<ProcessHandle> outside;

    private final Queue<Long> parents = new ArrayDeque<>(); // found, and not yet looked at

    private Descendants(long group, Set<ProcessHandle> outside) {
        this.group = group;
        this.outside = outside;
    }

    /** Adds them to the set. The leader must not have been reaped. Looks at so many processes and no more. */
    static void addOutside(long leader, Set<ProcessHandle> outside) {
        Descendants search = new Descendants(leader, outside);
        search.parents.add(leader);
        for (int i = 0; i < MAX_PROCESSES && !search.parents.isEmpty(); i++) {
            search.addChildrenOf(search.parents.remove());
        }
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
            }
            parents.add(pid);
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    }
}
