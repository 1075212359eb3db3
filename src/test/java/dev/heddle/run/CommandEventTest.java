package dev.heddle.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of commands. */
class CommandEventTest {
    @TempDir
    private Path directory;

    @Test
    void eachCommandIsOneEventWithoutItsArguments() throws Exception {
        Path file = directory.resolve("commands.jfr");
        try (TestServer server = TestServer.start(Variant.VIRTUAL_NATIVE); RawClient client = server.connect();
                Recording recording = new Recording()) {
            client.run("RUN", "echo", "before the recording");
            recording.enable("dev.heddle.Command");
            recording.start();
            client.run("SH", "echo secret-argument; sleep 0.5; exit 3");
            client.run("RUN", "TIMEOUT", "50", "sleep", "600");
            recording.stop();
            client.run("RUN", "echo", "after it");
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.heddle.Command"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime)).toList(); // a file has them by threads
        assertThat(events).hasSize(2);
        RecordedEvent first = events.get(0);
        assertThat(first.getString("program")).isEqualTo("/bin/sh");
        assertThat(first.getString("user")).isEqualTo("default");
        assertThat(first.getString("outcome")).isEqualTo("exited");
        assertThat(first.getInt("code")).isEqualTo(3);
        assertThat(first.getLong("stdoutBytes")).isEqualTo(16);
        assertThat(first.getDuration("wallTime")).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(first.getDuration()).isGreaterThanOrEqualTo(first.getDuration("wallTime").minusMillis(50));
        assertThat(first.toString()).doesNotContain("secret-argument");
        assertThat(events.get(1).getString("outcome")).isEqualTo("timeout");
        assertThat(events.get(1).getInt("code")).isEqualTo(-1);
    }
}
