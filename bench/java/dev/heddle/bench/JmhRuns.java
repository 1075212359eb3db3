package dev.heddle.bench;

import dev.heddle.process.DrainBenchmark;
import dev.heddle.process.SpawnBenchmark;
import dev.heddle.resp.RespBenchmark;
import dev.heddle.server.RoundTripBenchmark;
import dev.heddle.server.SshPeerBenchmark;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the JMH benchmarks: which parameters belong together, and into the same rows as everything else. What is
 * compared in the README is run one right after the other.
 */
final class JmhRuns {
    static final int MANY_FILES = 4_000;
    private static final String[] NATIVE = {"native"};

    private final Profile profile;
    private final Results results;
    private final Peers peers;

    JmhRuns(Profile profile, Results results, Peers peers) {
        this.profile = profile;
        this.results = results;
        this.peers = peers;
    }

    /** Starting programs, beside the loop in C. */
    void spawn() throws RunnerException, InterruptedException {
        String[] atOnce = some("64", "1", "4", "64");
        peers.spawnInC(1, 0);
        run(SpawnBenchmark.class, ".*", Map.of("engine", new String[] {"native", "ProcessBuilder"},
                "threads", threads(), "atOnce", atOnce));
        run(SpawnBenchmark.class, ".*", Map.of("engine", new String[] {"jdk"}, "threads", threads(),
                "atOnce", new String[] {"64"}));
        run(SpawnBenchmark.class, ".*", Map.of("engine", new String[] {"NuProcess"}, // makes its own threads
                "threads", new String[] {"virtual"}, "atOnce", atOnce));
        peers.spawnInC(2, 0);
        if (profile == Profile.FULL) {
            amongDescriptors();
        }
    }

    private void amongDescriptors() throws RunnerException, InterruptedException {
        run(SpawnBenchmark.class, ".*", Map.of("engine", new String[] {"native", "ProcessBuilder"},
                "threads", new String[] {"virtual"}, "atOnce", new String[] {"64"},
                "openFiles", new String[] {Integer.toString(MANY_FILES)}));
        peers.spawnInC(1, MANY_FILES);
    }

    /** Requests through a server, beside the loop in C and SSH. */
    void roundTrip() throws RunnerException, InterruptedException {
        String[] clients = some("64", "1", "64", "1024");
        peers.spawnInC(3, 0);
        run(RoundTripBenchmark.class, "runTrue", Map.of("engine", NATIVE, "threads", threads(), "clients", clients));
        if (profile == Profile.FULL) {
            run(RoundTripBenchmark.class, "runTrue", Map.of("engine", new String[] {"jdk"}, "threads", threads(),
                    "clients", new String[] {"64"}));
        }
        run(SshPeerBenchmark.class, ".*", Map.of("clients", some("64", "1", "64")));
        peers.spawnInC(4, 0);
        run(RoundTripBenchmark.class, "ping", Map.of("engine", NATIVE, "threads", threads(), "clients", clients));
    }

    void drain() throws RunnerException {
        run(DrainBenchmark.class, ".*", Map.of("engine", some("native", "native", "ProcessBuilder"),
                "threads", threads()));
    }

    void resp() throws RunnerException {
        run(RespBenchmark.class, ".*", Map.of());
    }

    private String[] threads() {
        return some("virtual", "virtual", "platform");
    }

    private String[] some(String oneInShort, String... allInFull) {
        return profile == Profile.FULL ? allInFull : new String[] {oneInShort};
    }

    private void run(Class<?> benchmark, String method, Map<String, String[]> params) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\." + benchmark.getSimpleName() + "\\." + method + "$")
                .addProfiler(GCProfiler.class).shouldFailOnError(false).verbosity(VerboseMode.SILENT)
                .timeout(TimeValue.seconds(30));
        params.forEach(options::param);
        if (profile == Profile.TINY) {
            options.warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(300));
        } else if (profile == Profile.SHORT) {
            options.warmupIterations(1).measurementIterations(2);
        }
        System.out.println("JMH " + benchmark.getSimpleName());
        Collection<RunResult> runs = new Runner(options.build()).run();
        if (runs.isEmpty()) {
            results.add(Row.of(benchmark.getSimpleName(), Map.of())
                    .failed(new RunnerException("no result; java -jar target/benchmarks.jar jmh "
                            + benchmark.getSimpleName() + " tells why")));
        }
        runs.stream().map(JmhRuns::row).forEach(results::add);
    }

    private static Row row(RunResult run) {
        Map<String, String> params = new HashMap<>();
        for (String name : run.getParams().getParamsKeys()) {
            params.put(name, run.getParams().getParam(name));
        }
        String[] path = run.getParams().getBenchmark().split("\\.");
        Result<?> score = run.getPrimaryResult();
        boolean throughput = run.getParams().getMode() == Mode.Throughput;
        Row row = Row.of(path[path.length - 2] + "." + path[path.length - 1], params)
                .with(throughput ? "perSecond" : "ns", score.getScore());
        if (!Double.isNaN(score.getScoreError())) {
            row.with(throughput ? "perSecond±" : "ns±", score.getScoreError());
        }
        run.getSecondaryResults().forEach((name, result) -> {
            if (name.endsWith("gc.alloc.rate.norm")) {
                row.with("bytesAllocated", result.getScore());
            }
        });
        return row;
    }
}
