package dev.heddle.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A regular file that is open for reading. Whose it is, who may change it and what it holds are asked of one
 * descriptor: whoever can rename files cannot show one for the check and another one for the rest.
 *
 * <p>What is no regular file is refused before it is opened: to open a named pipe would wait for its writer. A
 * descriptor that this process has inherited is the exception, as a shell makes one for {@code <(…)}: nobody can put
 * another file in its place.
 *
 * <p><b>Threading:</b> belongs to one thread, which closes it. Every call blocks for as long as the file system does.
 */
public final class OpenFile implements Closeable {
    private static final String TOLD = "unix:uid,mode,dev,ino";
    private static final int S_IFMT = 0xf000; // inode(7)
    private static final int S_IFREG = 0x8000;
    private static final Path STDIN = Path.of("/dev/stdin");
    private static final List<Path> INHERITED = List.of(Path.of("/dev/fd"), Path.of("/proc/self/fd"));

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Object> attributes;

    private OpenFile(Path path, FileChannel channel, Map<String, Object> attributes) {
        this.path = path;
        this.channel = channel;
        this.attributes = attributes;
    }

    /**
     * Opens a file, or what a link leads to.
     *
     * @throws FileSystemException with a reason, when it is not a regular file
     * @throws IOException         when it cannot be opened or looked at
     */
    public static OpenFile open(Path path) throws IOException {
        if (INHERITED.contains(path.getParent()) || path.equals(STDIN)) {
            return new OpenFile(path, FileChannel.open(path), Files.readAttributes(path, TOLD));
        }
        Map<String, Object> named = regular(path, path);
        FileChannel channel = FileChannel.open(path);
        try {
            Path own = DescriptorName.of(channel).orElse(path);
            Map<String, Object> opened = regular(path, own);
            if (own == path && !opened.equals(named)) {
                throw new FileSystemException(path.toString(), null, "it has just been replaced");
            }
            return new OpenFile(path, channel, opened);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private static Map<String, Object> regular(Path path, Path looked) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(looked, TOLD);
        if (!isRegular(attributes)) {
            throw new FileSystemException(path.toString(), null, "it is not a regular file");
        }
        return attributes;
    }

    private static boolean isRegular(Map<String, Object> attributes) {
        return ((Integer) attributes.get("mode") & S_IFMT) == S_IFREG;
    }

    /** The user id of its owner. */
    public int owner() {
        return (Integer) attributes.get("uid");
    }

    /** Its permissions, and its type above them: {@code st_mode} in inode(7). */
    public int mode() {
        return (Integer) attributes.get("mode");
    }

    /**
     * Reads all of it.
     *
     * @param maxBytes that it may have
     * @throws FileSystemException with a reason, when it is larger
     */
    public byte[] read(int maxBytes) throws IOException {
        if (isRegular(attributes)) { // and can be read again
            channel.position(0);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), maxBytes) + 1);
        while (bytes.position() <= maxBytes && channel.read(bytes) >= 0) {
            if (!bytes.hasRemaining()) { // it has grown
                bytes = ByteBuffer.allocate((int) Math.min(2L * bytes.capacity(), maxBytes + 1L)).put(bytes.flip());
            }
        }
        if (bytes.position() > maxBytes) {
            throw new FileSystemException(path.toString(), null, "it is larger than " + maxBytes + " bytes");
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
