package dev.heddle.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line of the benchmarks' jar. A run of some parts only ({@code --only}) replaces their rows in the
 * file that is there.
 */
@Command(name = "java -jar target/benchmarks.jar", mixinStandardHelpOptions = true,
        description = "Measures Heddle and its peers.")
public final class Bench {
    /** What a run consists of; its parts can be run alone. */
    enum Part { spawn, roundtrip, drain, resp, redis, start, idle, silent, running, latency, busy, streaming }

    private Bench() {}

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Bench());
        commandLine.getSubcommands().get("jmh").setUnmatchedOptionsArePositionalParams(true);
        System.exit(commandLine.execute(args));
    }

    @Command(name = "full", description = "Everything that the README shows; more than 20 minutes on two cores.")
    int full(@Option(names = "--only", split = ",", description = "${COMPLETION-CANDIDATES}") Set<Part> only,
             @Option(names = "--out", defaultValue = "bench/results") Path out) throws Exception {
        return measure(Profile.FULL, only, out);
    }

    @Command(name = "short", description = "A first impression, in less than 5 minutes.")
    int brief(@Option(names = "--only", split = ",", description = "${COMPLETION-CANDIDATES}") Set<Part> only,
              @Option(names = "--out", defaultValue = "target/bench-short") Path out) throws Exception {
        return measure(Profile.SHORT, only, out);
    }

    @Command(name = "tiny", description = "Only whether everything works: about a minute, and no figures.")
    int tiny(@Option(names = "--only", split = ",", description = "${COMPLETION-CANDIDATES}") Set<Part> only,
             @Option(names = "--out", defaultValue = "target/bench-tiny") Path out) throws Exception {
        return measure(Profile.TINY, only, out);
    }

    @Command(name = "plot", description = "Draws the pictures of a run again, and prints its table.")
    int plot(@Parameters(defaultValue = "bench/results", paramLabel = "DIR",
            description = "Where results.json is.") Path out) throws IOException {
        Results results = Results.read(out.resolve("results.json"));
        Plots.draw(results, out);
        System.out.println(Table.of(results));
        return 0;
    }

    @Command(name = "jmh", description = "JMH's own command line.")
    int jmh(@Parameters(arity = "0..*") String[] args) throws Exception {
        org.openjdk.jmh.Main.main(args == null ? new String[0] : args);
        return 0;
    }

    private static int measure(Profile profile, Set<Part> only, Path out) throws IOException, URISyntaxException,
            InterruptedException, RunnerException, TimeoutException {
        Set<Part> parts = only == null ? Set.of(Part.values()) : new LinkedHashSet<>(only);
        Path file = out.resolve("results.json");
        Results results = only != null && Files.exists(file) ? Results.readToContinue(file)
                : Results.empty(profile.name());
        Steps steps = new Steps(results);
        long start = System.nanoTime();
        try (Workshop workshop = new Workshop()) {
            workshop.writeClassArchive();
            Peers peers = new Peers(workshop, profile, steps);
            JmhRuns jmh = new JmhRuns(profile, results, peers);
            Scale scale = new Scale(workshop, profile, steps);
            for (Part part : Part.values()) {
                if (parts.contains(part)) {
                    switch (part) {
                        case spawn -> jmh.spawn();
                        case roundtrip -> jmh.roundTrip();
                        case drain -> jmh.drain();
                        case resp -> jmh.resp();
                        case redis -> peers.redisBenchmark();
                        case start -> peers.startUp();
                        case idle -> scale.idleClients();
                        case silent -> scale.silentCommands();
                        case running -> scale.runningCommands();
                        case latency -> scale.pingUnderSpawnLoad();
                        case busy -> scale.busyClients();
                        case streaming -> peers.streaming();
                    }
                    results.write(file); // what is measured is not lost by what follows
                }
            }
        }
        Plots.draw(results, out);
        System.out.printf("%n%s%n%d s, %s%n", Table.of(results), (System.nanoTime() - start) / 1_000_000_000,
                file);
        return steps.failures() == 0 ? 0 : 1;
    }
}
