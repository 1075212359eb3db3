package dev.heddle.run;

import dev.heddle.process.ChildOutput;

import java.util.Optional;

/**
 * Where a command's output goes to and where its stdin comes from. A sink that blocks lets the program wait, and the
 * command's end with it.
 *
 * <p><b>Threading:</b> each of the three streams is served by one thread of the command's scope.
 */
public interface CommandStreams {
    /** The program has started; comes before everything else, from the thread that runs the command. */
    void started(RunningCommand command) throws InterruptedException;

    /** Must not fail; one that has lost its consumer cancels the command and throws the rest away. */
    ChildOutput.Sink stdout();

    /** Where stderr goes to; nothing comes when it was merged into stdout. */
    ChildOutput.Sink stderr();

    /** What the program reads; empty for {@code /dev/null}. Asked for once, before the program is started. */
    Optional<StdinSource> stdin();
}
