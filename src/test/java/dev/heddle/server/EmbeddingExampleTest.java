package dev.heddle.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.client.HeddleClient;
import dev.heddle.client.RunRequest;
import dev.heddle.client.RunResult;
import dev.heddle.process.linux.LinuxProcessEngine;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Security;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

/** The example in the package's Javadoc, of a server inside another application, is this code, and works. */
class EmbeddingExampleTest {
    private static String example(String password) throws Exception {
        // example:
        ServerConfig config = new ServerConfig(List.of(ListenAddress.parse("resp://127.0.0.1:0")),
                ThreadMode.VIRTUAL, LinuxProcessEngine.open(),
                new Security(Optional.of(password), false, false), Limits.defaults());
        try (HeddleServer server = HeddleServer.start(config)) {
            int port = server.addresses().getFirst().port();
            try (HeddleClient client = HeddleClient.connect("127.0.0.1", port, Duration.ofSeconds(5))) {
                client.authenticate(password);
                RunResult result = client.run(RunRequest.program(List.of("echo", "hello")));
                return new String(result.stdout(), UTF_8);
            }
        } // stops, and ends what still runs
        // end
    }

    @Test
    void works() throws Exception {
        assertThat(example("open sesame")).isEqualTo("hello\n");
    }

    @Test
    void isTheOneInTheJavadoc() throws Exception {
        String code = between("src/test/java/dev/heddle/server/EmbeddingExampleTest.java", "// example:\n",
                "        // end\n");
        String javadoc = between("src/main/java/dev/heddle/server/package-info.java", "{@snippet :\n", " * }\n */");
        assertThat(javadoc.lines().map(line -> line.replaceFirst("^ \\* ?", "")).toList())
                .isEqualTo(code.stripTrailing().stripIndent().lines().toList());
    }

    private static String between(String file, String start, String end) throws Exception {
        String text = Files.readString(Path.of(file));
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
