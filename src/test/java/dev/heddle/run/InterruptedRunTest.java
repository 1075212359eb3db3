package dev.heddle.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.process.ChildOutput;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.Variant;
import dev.heddle.time.Cancellation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a command whose own thread is interrupted: it is killed, and sees no end of its stdin first. */
@ParameterizedClass
@EnumSource(Variant.class)
class InterruptedRunTest {
    private static final int RUNS = 50;

    @TempDir
    private Path directory;

    @Parameter
    private Variant variant;

    /** Its program says something, and then waits for input that never comes. */
    private static final class Silent implements CommandStreams, StdinSource {
        private final CountDownLatch said = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public ChildOutput.Sink stdout() {
            return bytes -> said.countDown();
        }

        @Override
        public ChildOutput.Sink stderr() {
            return bytes -> { };
        }

        @Override
        public Optional<StdinSource> stdin() {
            return Optional.of(this);
        }

        @Override
        public void started(RunningCommand command) {
            // It is waited for by what it says.
        }

        @Override
        public ByteBuffer next() throws InterruptedException {
            closed.await();
            return null;
        }

        @Override
        public boolean isComplete() {
            return false;
        }

        @Override
        public void refused() {
            closed.countDown();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void anInterruptedRunsProgramSeesNoEndOfItsInput() throws Exception {
        CommandRunner runner = new CommandRunner(variant.engine(), variant.threads().factory(), RunLimits.defaults(),
                List.of());
        for (int i = 0; i < RUNS; i++) {
            Silent streams = new Silent();
            List<byte[]> argv = Command.shell(("echo; read -r x; : > '" + directory.resolve("done-" + i) + "'")
                    .getBytes(StandardCharsets.UTF_8), List.of());
            Command command = Command.of(argv, Command.OutputRules.keeping(1));
            Thread thread = variant.threads().factory().newThread(() -> {
                try {
                    Caller caller = new Caller("test", "somebody", "here", 1);
                    runner.run(runner.admit(caller, command, OptionalInt.empty()), caller, command,
                            streams, new Cancellation());
                } catch (Exception e) {
                    Thread.currentThread().interrupt(); // as it must be
                }
            });
            thread.start();
            streams.said.await();
            thread.interrupt();
            thread.join();
        }
        Await.until("all have ended", () -> HostProcesses.children() == 0);
        assertThat(directory).isEmptyDirectory();
    }
}
