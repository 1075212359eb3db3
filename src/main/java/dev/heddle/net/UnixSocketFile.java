package dev.heddle.net;

import dev.heddle.platform.FileNames;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file of a Unix-domain socket, from bind to unlink. The socket is bound in a folder that only its owner can enter,
 * gets its permissions there, and only then its name: at no time can a user connect who should not. The name is given
 * by {@code link(2)}, which overwrites nothing.
 *
 * @param owner   the user to whom the file, and so the server, belongs
 * @param fileKey tells this file from one that another server puts in its place
 */
record UnixSocketFile(Path path, ServerSocketChannel channel, String owner, Object fileKey) implements Closeable {
    /** {@code sun_path} in {@code unix(7)}, without its last NUL. */
    private static final int MAX_PATH_BYTES = 107;
    private static final int S_IFMT = 0xf000; // inode(7)
    private static final int S_IFSOCK = 0xc000;
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> EVERYBODY = PosixFilePermissions.fromString("rw-rw-rw-");
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /**
     * Binds the socket. A socket file that is there already is replaced when no server listens to it.
     *
     * @param forOthers whether other users may connect at all; the caller then has to look who they are
     * @throws IOException when the path cannot be used; the message names it
     */
    static UnixSocketFile bind(Path path, boolean forOthers) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Path folder = privateFolder(path);
            Path first = folder.resolve("s");
            try {
                requireShort(path, path);
                requireShort(path, first);
                channel.bind(UnixDomainSocketAddress.of(first), TcpListenSocket.BACKLOG);
                Files.setPosixFilePermissions(first, forOthers ? EVERYBODY : OWNER);
                removeStale(path);
                Files.createLink(path, first);
                return new UnixSocketFile(path, channel, Files.getOwner(first).getName(), key(first));
            } finally {
                Files.deleteIfExists(first);
                Files.delete(folder);
            }
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot listen on " + path + ": " + reason(e), e);
        }
    }

    /** Makes a folder with a short name, because the path of a socket must be short. */
    private static Path privateFolder(Path path) throws IOException {
        Path parent = Objects.requireNonNull(path.getParent(), "an absolute path has a parent");
        while (true) {
            String name = "." + Integer.toString(ThreadLocalRandom.current().nextInt(1 << 24), Character.MAX_RADIX);
            try {
                return Files.createDirectory(parent.resolve(name), PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                continue; // another server's, at this very moment
            }
        }
    }

    private static void requireShort(Path wanted, Path bound) throws IOException {
        int bytes = FileNames.bytes(bound).length;
        if (bytes > MAX_PATH_BYTES) {
            int most = FileNames.bytes(wanted).length - (bytes - MAX_PATH_BYTES);
            throw new IOException("the path is too long for a socket: at most " + most + " bytes here");
        }
    }

    private static void removeStale(Path path) throws IOException {
        Optional<Integer> mode = mode(path);
        if (mode.isEmpty()) {
            return;
        }
        if ((mode.get() & S_IFMT) != S_IFSOCK) {
            throw new IOException("there is a file that is no socket");
        }
        if (isListenedTo(path)) {
            throw new IOException("the address is already in use");
        }
        Files.deleteIfExists(path);
    }

    private static Optional<Integer> mode(Path path) throws IOException {
        try {
            return Optional.of((Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean isListenedTo(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (ConnectException e) {
            return false; // ECONNREFUSED: its server is gone
        }
    }

    private static Object key(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such directory";
            case FileAlreadyExistsException exists -> "another server has just taken it";
            case AccessDeniedException denied -> "permission denied";
            default -> e.getMessage();
        };
    }

    /** Ends the listening and removes the file, unless it belongs to another server by now. */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return; // closed before: by now another file may have the key
        }
        channel.close();
        if (mode(path).isPresent() && key(path).equals(fileKey)) {
            Files.deleteIfExists(path);
        }
    }
}
