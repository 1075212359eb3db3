package dev.heddle.cli;

import dev.heddle.server.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;

/**
 * {@code heddle rehearse}, for the start script alone: serves and runs a command once, as most starts do, so that the
 * JVM can write down what the next starts need. The server is in this process and ends with it; only a client that
 * knows the password in HEDDLE_PASSWORD gets in.
 */
@Command(name = "rehearse", hidden = true, description = "Do once what most starts do, for the start script.")
final class RehearseCommand implements Callable<Integer> {
    private static final int TRIES = 600; // a busy machine takes its time
    private static final int TRY_MILLIS = 100;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("heddle-rehearsal");
        Path addresses = directory.resolve("addresses");
        try {
            Thread.ofPlatform().daemon().start(() -> HeddleCommand.execute("serve", "--listen", "resp://127.0.0.1:0",
                    "--print-addresses", addresses.toString()));
            for (int i = 0; i < TRIES && !Files.exists(addresses); i++) {
                Thread.sleep(TRY_MILLIS);
            }
            String server = Files.readString(addresses).strip().replace("resp://", "");
            return HeddleCommand.execute("run", "-h", server, "--", "echo", Version.text());
        } finally {
            Files.deleteIfExists(addresses);
            Files.delete(directory);
        }
    }
}
