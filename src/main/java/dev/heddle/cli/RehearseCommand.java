package dev.heddle.cli;

import dev.heddle.server.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;

/**
 * {@code heddle rehearse}, for the start script alone: does once what most starts do, serving and running, so that
 * the JVM can write down for the next ones what it took. The server is in this process, ends with it, and lets
 * nobody in who does not know the password in HEDDLE_PASSWORD.
 */
@Command(name = "rehearse", hidden = true, description = "Do once what most starts do, for the start script.")
final class RehearseCommand implements Callable<Integer> {
    private static final int TRIES = 600; // a machine that has other things to do takes its time
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
