package dev.heddle.process.linux.child;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** Reads the lists of children in procfs, see {@code proc_pid_task(5)}: each thread of a process has one. */
final class ChildLists {
    private ChildLists() {}

    /** The children of the process with this directory in procfs. Fails also when the process has ended. */
    static List<Integer> read(Path process) throws IOException {
        List<Integer> children = new ArrayList<>();
        File[] tasks = process.resolve("task").toFile().listFiles();
        if (tasks == null) {
            throw new NoSuchFileException(process.toString());
        }
        for (File task : tasks) {
            Path file = task.toPath().resolve("children");
            try {
                new StringTokenizer(Files.readString(file)).asIterator()
                        .forEachRemaining(child -> children.add(Integer.valueOf(child.toString())));
            } catch (IOException e) {
                if (Files.exists(file)) {
                    throw e; // but the thread has not just ended, for which ESRCH may be the reason as well
                }
            }
        }
        return children;
    }
}
