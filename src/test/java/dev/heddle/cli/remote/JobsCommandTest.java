package dev.heddle.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.client.JobInfo;
import dev.heddle.command.Outcome;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

/** What {@code heddle jobs} shows of command lines. */
class JobsCommandTest {
    @Test
    void aCommandLineIsHarmlessToATerminal() {
        assertThat(JobsCommand.command(List.of("printf", "a\nb\t\u001b[2J\u007f\u009b31m", "ü欢")))
                .isEqualTo("printf a?b??[2J??31m ü欢");
    }

    @Test
    void aLongOneIsCut() {
        assertThat(JobsCommand.command(List.of("x".repeat(60)))).isEqualTo("x".repeat(60));
        assertThat(JobsCommand.command(List.of("x".repeat(61)))).isEqualTo("x".repeat(59) + "…");
    }

    @Test
    void namesHaveAColumnWhereThereAreAny() {
        Instant start = Instant.EPOCH;
        JobInfo plain = new JobInfo("a-1", Optional.empty(), List.of("sleep", "9"), start, Optional.empty(), 0, 0,
                Optional.empty());
        JobInfo named = new JobInfo("a-12", Optional.of(new Outcome.Exited(3)), List.of("true"), start,
                Optional.of(start), 0, 0, Optional.of("night\u001bly"));
        assertThat(JobsCommand.table(List.of(plain), start.plusSeconds(7))).isEqualTo("""
                ID   STATE      CODE   AGE  COMMAND
                a-1  running            7s  sleep 9
                """);
        assertThat(JobsCommand.table(List.of(plain, named), start.plusSeconds(7))).isEqualTo("""
                ID    NAME      STATE      CODE   AGE  COMMAND
                a-1             running            7s  sleep 9
                a-12  night?ly  exited        3    7s  true
                """);
    }
}
