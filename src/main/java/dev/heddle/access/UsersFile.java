package dev.heddle.access;

import dev.heddle.platform.FileState;
import dev.heddle.platform.RegularFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * The file that {@code --users} names. A user who may change it may do anything, so it must belong to the server's user
 * or root, and no other user may write it. It may be readable by others: it holds only hashes of random tokens.
 */
final class UsersFile {
    private static final int MAX_BYTES = 4 << 20;

    private final Path path;

    UsersFile(Path path) {
        this.path = path;
    }

    FileState state() {
        return FileState.of(path);
    }

    /** @throws IOException when others could change it, or it makes no sense; the message names the place */
    Users read() throws IOException {
        try {
            RegularFile.require(path); // a server reads it again and again, and a pipe can be read once only
            byte[] bytes = OwnedFile.readOwn(path, MAX_BYTES);
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return UsersYaml.parse(text, path.toString());
        } catch (FileSystemException e) {
            throw new IOException(path + " cannot be read: " + OwnedFile.reason(e), e);
        } catch (CharacterCodingException e) {
            throw new IOException(path + " is no text in UTF-8", e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
