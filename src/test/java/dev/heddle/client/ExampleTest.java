package dev.heddle.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Outcome;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

/** The example in the Javadoc of {@link HeddleClient}, and in the README, is this code, and works. */
class ExampleTest {
    private static void example(String host, int port, InputStream input, OutputStream output)
            throws IOException, ErrorReplyException {
        // example:
        try (HeddleClient client = HeddleClient.connect(host, port, Duration.ofSeconds(5))) {
            // The whole output at the end, up to a limit that the request may set.
            RunResult result = client.run(RunRequest.program(List.of("uname", "-s")).withTimeout(Duration.ofSeconds(10)));
            switch (result.outcome()) {
                case Outcome.Exited(int code) -> System.out.println(code + " " + new String(result.stdout(), UTF_8));
                case Outcome.Signaled(int signal) -> System.out.println("killed by signal " + signal);
                case Outcome.TimedOut() -> System.out.println("not within ten seconds");
                case Outcome.Cancelled() -> System.out.println("the server has stopped");
            }

            // Input and output as they come, of any length.
            try (StreamedRun sort = client.stream(RunRequest.program(List.of("sort", "-u")))) {
                sort.feed(input);
                sort.await(output, System.err);
            }

            // Work that outlives this connection; the ID makes it safe to send the request again.
            RemoteJob job = client.startJob(RunRequest.script("sleep 1; date", List.of()).withStdin(new byte[0])
                    .withId("nightly-42"));
            Outcome outcome = job.follow(0, JobSink.of(output, System.err));
        }
        // end
    }

    @Test
    void works() throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE)) {
            example("127.0.0.1", server.port(), new ByteArrayInputStream("b\na\nb\n".getBytes()), output);
        }
        assertThat(output.toString().lines().toList()).startsWith("a", "b").hasSize(3);
    }

    @Test
    void isTheOneInTheJavadoc() throws IOException {
        String code = between("src/test/java/dev/heddle/client/ExampleTest.java", "// example:\n", "        // end\n");
        String javadoc = between("src/main/java/dev/heddle/client/HeddleClient.java", "{@snippet :\n", " * }\n *\n");
        assertThat(javadoc.lines().map(line -> line.replaceFirst("^ \\* ?", "")).toList())
                .isEqualTo(code.stripTrailing().stripIndent().lines().toList());
    }

    @Test
    void theReadmeShowsAPartOfIt() throws IOException {
        String code = between("src/test/java/dev/heddle/client/ExampleTest.java", "// example:\n", "        // end\n");
        String readme = between("README.md", "```java\n", "```\n");
        assertThat(code.lines().map(String::strip)).containsSubsequence(
                readme.lines().map(String::strip).toList());
    }

    private static String between(String file, String start, String end) throws IOException {
        String text = Files.readString(Path.of(file));
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
