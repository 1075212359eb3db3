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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code heddle jobs}: prints a line for each job. */
@Command(name = "jobs", description = "List the jobs on a server, the oldest first.", sortOptions = false,
        exitCodeOnInvalidInput = ExitCodes.CONNECTION)
public final class JobsCommand implements Callable<Integer> {
    private static final int MAX_COMMAND_CHARACTERS = 60;

    @Mixin
    private ServerOption server;

    @Override
    public Integer call() {
        return server.talk(JobsCommand::list);
    }

    private static int list(HeddleClient client) throws IOException, ErrorReplyException {
        StandardOutput.OUT.write(table(client.jobs(), Instant.now()).getBytes(StandardCharsets.UTF_8));
        return ExitCodes.OK;
    }

    /** Returns a line for each job below a heading; the column of names is there when a job has one. */
    static String table(List<JobInfo> jobs, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ID", "NAME", "STATE", "CODE", "AGE", "COMMAND"));
        jobs.forEach(job -> rows.add(row(job, now)));
        boolean named = jobs.stream().anyMatch(job -> job.name().isPresent());
        String form = column(rows, 0) + (named ? column(rows, 1) : "") + "%3$-9s  %4$4s  %5$4s  %6$s%n";
        return rows.stream().map(row -> String.format(form, row.toArray())).collect(Collectors.joining());
    }

    private static String column(List<List<String>> rows, int index) {
        int width = rows.stream().mapToInt(row -> row.get(index).length()).max().orElseThrow();
        return "%" + (index + 1) + "$-" + width + "s  ";
    }

    private static List<String> row(JobInfo job, Instant now) {
        return List.of(job.id(), printable(job.name().orElse("")), job.outcome().map(Outcome::word).orElse("running"),
                job.outcome().map(Outcome::number).orElse(OptionalInt.empty()).stream()
                        .mapToObj(Integer::toString).findFirst().orElse(""),
                age(Duration.between(job.started(), now)), command(job.argv()));
    }

    private static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds()); // two clocks
        return seconds < 100 ? seconds + "s" : seconds < 100 * 60 ? seconds / 60 + "m"
                : seconds < 100 * 3600 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    static String command(List<String> argv) {
        String line = printable(String.join(" ", argv));
        return line.length() <= MAX_COMMAND_CHARACTERS ? line : line.substring(0, MAX_COMMAND_CHARACTERS - 1) + "…";
    }

    /** Replaces control characters, those beyond ASCII too: a terminal may obey them. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }
}
