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
 * A regular file that is open for reading. Owner, mode and content are read from one descriptor, so that a user who can
 * rename files cannot show one file to the check and another to the reader.
 *
 * <p>A path that is not a regular file is refused before it is opened, because opening a named pipe would wait for its
 * writer. An inherited descriptor is the exception, such as a shell makes for {@code <(…)}: no one can put another file
 * in its place.
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

    /** Opens a file, or the target of a link; refuses what is not a regular file, with a reason. */
    public static OpenFile open(Path path) throws IOException {
        if (isInherited(path)) {
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

    private static boolean isInherited(Path path) {
        Path folder = path.getParent();
        return folder != null && INHERITED.contains(folder) || path.equals(STDIN);
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

    public int owner() {
        return (Integer) attributes.get("uid");
    }

    /** Returns the permissions, with the type above them: {@code st_mode} in inode(7). */
    public int mode() {
        return (Integer) attributes.get("mode");
    }

    /** Reads the whole file; refuses one that is larger, with a reason. */
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
