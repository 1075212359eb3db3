package dev.heddle.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

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
}
