package dev.heddle.process.linux.child;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the lists of children in procfs, see {@code proc_pid_task(5)}. Each thread has one: of the children that it
 * has started, or that have come to it.
 */
final class ChildLists {
    private ChildLists() {}

    /**
     * The children of a process.
     *
     * @param process its directory in procfs
     * @throws IOException also when the process has ended
     */
    static List<Integer> read(Path process) throws IOException {
        List<Integer> children = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path task : tasks) {
                for (String child : list(task.resolve("children")).split(" ")) {
                    if (!child.isEmpty()) {
                        children.add(Integer.valueOf(child));
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }

    /** Empty when the thread has just ended. */
    private static String list(Path file) throws IOException {
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
