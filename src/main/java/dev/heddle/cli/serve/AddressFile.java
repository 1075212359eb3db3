package dev.heddle.cli.serve;

import dev.heddle.platform.RegularFile;
import dev.heddle.server.ListenAddress;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/** The file into which a server writes the addresses that it listens on. */
record AddressFile(Path path) {
    /** Refuses a device or a link: the file is replaced, and programs that used the old one would miss it. */
    void require() throws IOException {
        try {
            RegularFile.require(path, LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            throw failed(e.getReason(), e);
        }
    }

    /** Writes the addresses in one step, so that a program that waits for the file never reads half of it. */
    void write(List<ListenAddress> addresses) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw failed("there is no directory " + folder, null);
        }
        Path draft = Files.createTempFile(folder, ".heddle-addresses", "");
        try {
            Files.writeString(draft, addresses.stream().map(address -> address + "\n").collect(Collectors.joining()));
            Files.move(draft, path.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw failed(e.getMessage(), e);
        }
    }

    private IOException failed(String reason, IOException cause) {
        return new IOException("cannot write " + path + ": " + reason, cause);
    }
}
