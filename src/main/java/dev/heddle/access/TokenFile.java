package dev.heddle.access;

import dev.heddle.platform.FileNames;
import dev.heddle.platform.LosslessUtf8;
import dev.heddle.platform.RegularFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file with one token, which only its owner can read. The server makes the standard one at its first start; clients
 * of that user find it there.
 */
public final class TokenFile {
    /** The variable that may hold the token itself. */
    public static final String PASSWORD_VARIABLE = "HEDDLE_PASSWORD";

    private static final int MAX_BYTES = 1024;
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private TokenFile() {}

    /**
     * Returns where the token of this user is: {@code heddle/token} in the configuration folder, which is
     * {@code $XDG_CONFIG_HOME} or {@code ~/.config}, see the XDG Base Directory Specification.
     *
     * @param environment text as in {@link LosslessUtf8}
     * @return empty when the environment names neither that folder nor a home
     * @throws IllegalArgumentException when Java cannot open files there; the message is for users
     */
    public static Optional<Path> standard(Map<String, String> environment) {
        return absolute("XDG_CONFIG_HOME", environment)
                .or(() -> absolute("HOME", environment).map(home -> home.resolve(".config")))
                .map(folder -> folder.resolve("heddle").resolve("token"));
    }

    /** Returns the folder that a variable names; the specification requires that a relative path is ignored. */
    private static Optional<Path> absolute(String variable, Map<String, String> environment) {
        try {
            return Optional.ofNullable(environment.get(variable)).filter(text -> text.startsWith("/"))
                    .map(FileNames::path);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the token; makes one first if there is none. When several processes do so at once, one of them makes it.
     *
     * @throws UnsafeFileException when others could read or replace it
     */
    public static String readOrCreate(Path file) throws IOException {
        try {
            return readOrMade(file);
        } catch (FileSystemException e) {
            throw new IOException("there can be no token in " + file + ": " + OwnedFile.reason(e) + " ("
                    + e.getFile() + ")", e);
        }
    }

    private static String readOrMade(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder.getParent() != null) {
            Files.createDirectories(folder.getParent());
        }
        try {
            Files.createDirectory(folder, OWNER_ONLY_FOLDER);
        } catch (FileAlreadyExistsException e) {
            OwnedFile.requireOwnDirectory(folder); // it exists since an earlier start
        }
        RegularFile.require(file);
        if (!Files.exists(file)) {
            try {
                create(file, TokenHash.newToken());
            } catch (FileAlreadyExistsException e) {
                return read(file); // another server was faster
            }
        }
        return read(file);
    }

    /**
     * Writes a token to a new file: whole, or not at all.
     *
     * @throws FileAlreadyExistsException when the file exists
     */
    public static void create(Path file, String token) throws IOException {
        Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), ".heddle-token", "", OWNER_ONLY);
        try {
            try (FileChannel channel = FileChannel.open(draft, Set.of(StandardOpenOption.WRITE))) {
                channel.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            Files.createLink(file, draft); // unlike a move it fails when the file is there
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** @throws UnsafeFileException when others could read or replace it */
    public static String read(Path file) throws IOException {
        String token = LosslessUtf8.decode(OwnedFile.readSecret(file, MAX_BYTES)).strip();
        if (token.isEmpty() || token.contains("\n")) {
            throw new IOException(file + " holds no token: it takes one line, as 'heddle token' prints it");
        }
        return token;
    }
}
