package dev.heddle.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds the name that procfs has for an open descriptor, {@code /proc/self/fd/N}, which means the open file even when
 * its own name has changed. The JDK does not tell a descriptor's number. So the file is read from a position that no
 * other file is at, and {@code /proc/self/fdinfo} tells which number has that position. A native call would be more
 * direct, but would cost each start of the client 40 ms.
 */
final class DescriptorName {
    private static final Path NAMES = Path.of("/proc/self/fd");
    private static final Path INFOS = Path.of("/proc/self/fdinfo"); // proc_pid_fdinfo(5)
    private static final String POSITION = "pos:\t";
    /** The lowest position: beyond what is read of any file here, and within the limits of every file system. */
    private static final long LOWEST = 1L << 30;
    private static final long BOUND = 1L << 31;
    private static final int MOST_TRIES = 3;

    private DescriptorName() {}

    /**
     * Returns the descriptor's name, and rewinds the channel. Empty where procfs does not tell the positions of files;
     * fails where it does, but not that of this file.
     */
    static Optional<Path> of(FileChannel channel) throws IOException {
        boolean told = true;
        for (int i = 0; i < MOST_TRIES && told; i++) {
            long position = ThreadLocalRandom.current().nextLong(LOWEST, BOUND);
            channel.position(position);
            List<String> found = new ArrayList<>();
            told = find(position, found);
            channel.position(0);
            if (found.size() == 1) {
                return Optional.of(NAMES.resolve(found.getFirst()));
            }
        }
        if (told) {
            throw new IOException("the descriptor is not found in " + INFOS);
        }
        return Optional.empty();
    }

    /** Adds the descriptors that are at this position. False when procfs tells no position at all. */
    private static boolean find(long position, List<String> found) throws IOException {
        String[] descriptors = INFOS.toFile().list();
        if (descriptors == null && Files.exists(INFOS)) {
            throw new IOException(INFOS + " cannot be read");
        }
        boolean told = false;
        for (String descriptor : descriptors == null ? new String[0] : descriptors) {
            try {
                String text = Files.readString(INFOS.resolve(descriptor));
                told |= text.startsWith(POSITION);
                if (text.startsWith(POSITION + position + "\n")) {
                    found.add(descriptor);
                }
            } catch (IOException e) {
                continue; // another thread has closed it, so it is not the one that is looked for
            }
        }
        return told;
    }
}
