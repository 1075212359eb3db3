package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.TokenHash;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ErrorReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.OwnFile;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.RawClient.Reply;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program that exchanges a directory for a link, again and again, while commands of a restricted user are to start in
 * it. Whatever it hits, none starts outside.
 */
@ParameterizedClass
@EnumSource(value = Variant.class, names = {"VIRTUAL_NATIVE", "PLATFORM_NATIVE", "PLATFORM_JDK"})
class DirectorySwapTest {
    private static final int CLIENTS = 4;
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final String INSIDE = "inside";

    @Parameter
    private Variant variant;

    @TempDir
    private Path root;

    private Path place;

    @Test
    void noCommandStartsOutsideItsDirectories() throws Exception {
        root = root.toRealPath();
        place = root.resolve("work/place");
        Files.createDirectories(place);
        Files.createDirectory(root.resolve("secret"));
        Files.createSymbolicLink(root.resolve("work/link"), root.resolve("secret"));
        Map<String, Integer> seen = new TreeMap<>();
        try (Access access = Access.fromFile(OwnFile.write(root.resolve("users.yaml"), """
                ci:
                  sha256: %s
                  policy:
                    programs: [[/bin/pwd, -P]]
                    directories: [%s]
                """.formatted(TokenHash.of("secret"), root.resolve("work"))));
                TestServer server = TestServer.start(variant, access);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Void> swapping = CompletableFuture.runAsync(() -> swapUntil(done));
            List<Future<List<String>>> outcomes = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                outcomes.add(clients.submit(() -> outcomes(server)));
            }
            for (Future<List<String>> some : outcomes) {
                some.get().forEach(outcome -> seen.merge(outcome, 1, Integer::sum));
            }
            done.set(true);
            swapping.get();
        }
        assertThat(seen).as("commands did start").containsKey(INSIDE);
        assertThat(seen.keySet()).as("%s", seen)
                .isSubsetOf(INSIDE, "DENIED", "BADDIR", "NOTEXEC", "replaced"); // in the JDK's words it is the program
    }

    private List<String> outcomes(TestServer server) throws IOException {
        List<String> outcomes = new ArrayList<>();
        try (RawClient client = server.connect()) {
            assertThat(client.call("AUTH", "ci", "secret")).isEqualTo(SimpleString.OK);
            long deadline = System.nanoTime() + BOUND.toNanos();
            while (System.nanoTime() < deadline || !outcomes.contains(INSIDE)) {
                outcomes.add(outcome(client.call("RUN", "CWD", place.toString(), "/bin/pwd", "-P")));
            }
        }
        return outcomes;
    }

    private String outcome(RespValue reply) {
        if (reply instanceof ErrorReply(String text)) {
            return text.substring(0, text.indexOf(' '));
        }
        Reply ran = Reply.of(reply);
        if (ran.out().isEmpty() && ran.err().endsWith(" has been replaced\n")) {
            return "replaced";
        }
        // A directory that was entered keeps its place in the file system when its name changes later.
        Path where = Path.of(ran.out().strip());
        return where.equals(place) || where.equals(root.resolve("work/real")) ? INSIDE : where.toString();
    }

    /** The directory is there, then nothing, then the link; and back. */
    private void swapUntil(AtomicBoolean done) {
        Path link = root.resolve("work/link");
        Path real = root.resolve("work/real");
        try {
            while (!done.get()) {
                Files.move(place, real, StandardCopyOption.ATOMIC_MOVE);
                Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
                Files.move(place, link, StandardCopyOption.ATOMIC_MOVE);
                Files.move(real, place, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
