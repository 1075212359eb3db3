package dev.heddle.cli.remote;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.JobInfo;
import dev.heddle.command.Outcome;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heddle jobs}: a line for each job. */
@Command(name = "jobs", description = "List the jobs on a server, the oldest first.", sortOptions = false,
        exitCodeOnInvalidInput = ExitCodes.CONNECTION)
public final class JobsCommand implements Callable<Integer> {
    private static final int MAX_COMMAND_CHARACTERS = 60;

    private record Row(String id, String state, String code, String age, String command) {}

    @Mixin
    private ServerOption server;

    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;

    @Override
    public Integer call() {
        return server.talk(JobsCommand::list);
    }

    private static int list(HeddleClient client) throws IOException, ErrorReplyException {
        List<Row> rows = client.jobs().stream().map(JobsCommand::row).toList();
        int width = rows.stream().mapToInt(row -> row.id().length()).max().orElse(2);
        String form = "%-" + width + "s  %-9s  %4s  %4s  %s%n";
        StringBuilder table = new StringBuilder(String.format(form, "ID", "STATE", "CODE", "AGE", "COMMAND"));
        rows.forEach(row -> table.append(
                String.format(form, row.id(), row.state(), row.code(), row.age(), row.command())));
        StandardOutput.OUT.write(table.toString().getBytes(StandardCharsets.UTF_8));
        return ExitCodes.OK;
    }

    private static Row row(JobInfo job) {
        String age = age(Duration.between(job.started(), Instant.now()));
        String command = command(job.argv());
        if (job.outcome().isEmpty()) {
            return new Row(job.id(), "running", "", age, command);
        }
        return switch (job.outcome().get()) {
            case Outcome.Exited(int code) -> new Row(job.id(), "exited", Integer.toString(code), age, command);
            case Outcome.Signaled(int signal) ->
                new Row(job.id(), "signaled", Integer.toString(signal), age, command);
            case Outcome.TimedOut() -> new Row(job.id(), "timeout", "", age, command);
            case Outcome.Cancelled() -> new Row(job.id(), "cancelled", "", age, command);
        };
    }

    /** Since its start, in the largest unit that fits. */
    private static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds()); // two clocks
        return seconds < 100 ? seconds + "s" : seconds < 100 * 60 ? seconds / 60 + "m"
                : seconds < 100 * 3600 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    /** On one line, and harmless to a terminal, which may obey the control characters behind ASCII too. */
    static String command(List<String> argv) {
        String line = String.join(" ", argv).replaceAll("\\p{Cc}", "?");
        return line.length() <= MAX_COMMAND_CHARACTERS ? line : line.substring(0, MAX_COMMAND_CHARACTERS - 1) + "…";
    }
}
