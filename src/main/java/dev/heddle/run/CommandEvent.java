package dev.heddle.run;

import dev.heddle.command.CommandEnd;
import dev.heddle.command.Usage;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A command in a flight recording, from the start of its program to its end. Of its words only the program's
 * name: arguments may be secret, and recordings are passed around.
 */
@Name("dev.heddle.Command")
@Label("Command")
@Category("Heddle")
@Description("A command that ran for a client")
@StackTrace(false)
final class CommandEvent extends Event {
    private static final int MAX_PROGRAM_BYTES = 256;

    @Label("Id") String id;
    @Label("Process Id") long pid;
    @Label("User") String user;
    @Label("Peer") String peer;
    @Label("Program") String program;
    @Label("Outcome") String outcome;
    @Label("Code") @Description("Exit code or signal; -1 where there is none") int code;
    @Label("Wall Time") @Timespan(Timespan.NANOSECONDS) long wallTime;
    @Label("User Time") @Timespan(Timespan.NANOSECONDS) long userTime;
    @Label("System Time") @Timespan(Timespan.NANOSECONDS) long systemTime;
    @Label("Stdout") @DataAmount long stdoutBytes;
    @Label("Stderr") @DataAmount long stderrBytes;

    /** As an observer: becomes an event if there is a recording that wants it. */
    static CommandObserver.Ending of(CommandStart start) {
        CommandEvent event = new CommandEvent();
        event.begin();
        return end -> {
            event.end();
            if (event.shouldCommit()) {
                event.fill(start, end);
                event.commit();
            }
        };
    }

    private void fill(CommandStart start, CommandEnd end) {
        id = start.id();
        pid = start.pid();
        user = start.caller().user();
        peer = start.caller().peer();
        byte[] word = start.command().argv().getFirst();
        program = new String(word, 0, Math.min(word.length, MAX_PROGRAM_BYTES), StandardCharsets.UTF_8);
        outcome = end.outcome().word();
        code = end.outcome().number().orElse(-1);
        Usage usage = end.usage();
        wallTime = usage.wallTime().toNanos();
        userTime = nanos(usage.resources().userTime());
        systemTime = nanos(usage.resources().systemTime());
        stdoutBytes = usage.stdoutBytes();
        stderrBytes = usage.stderrBytes();
    }

    private static long nanos(Optional<Duration> time) {
        return time.orElse(Duration.ZERO).toNanos();
    }
}
