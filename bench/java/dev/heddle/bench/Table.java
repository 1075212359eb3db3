package dev.heddle.bench;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** The goals of the design with what was measured beside them, in Markdown. */
final class Table {
    private static final String NOT_MEASURED = "–";

    private final Results results;
    private final StringBuilder lines = new StringBuilder();

    private Table(Results results) {
        this.results = results;
    }

    static String of(Results results) {
        Table table = new Table(results);
        table.goals();
        table.threads();
        Map<String, String> machine = results.machine();
        table.lines.append(String.format("%n%s, %s cores, %s, %s, JDK %s; %s run of %s%n", machine.get("cpu"),
                machine.get("cores"), machine.get("memory"), machine.get("kernel"), machine.get("jdk"),
                results.profile(), machine.get("date")));
        return table.lines.toString();
    }

    private OptionalDouble of(String what, Map<String, String> params, String figure) {
        return results.median(what, params, figure);
    }

    private void goals() {
        lines.append("| what | measured | goal | met |\n|---|---|---|---|\n");
        OptionalDouble c = of("SpawnInC", Map.of("processes", "2", "openFiles", "0"), "perSecond");
        OptionalDouble spawn = spawn("native", 0);
        ratio("starting programs, 64 at a time, against two C processes", spawn, c, 0.90);
        ratio("… against `ProcessBuilder` on virtual threads", spawn, spawn("ProcessBuilder", 0), 2.0);
        ratio("… against NuProcess", spawn, spawn("NuProcess", 0), 1.3);
        OptionalDouble amongMany = spawn("native", JmhRuns.MANY_FILES);
        ratio("… with " + JmhRuns.MANY_FILES + " open descriptors, against none", amongMany, spawn, Double.NaN);
        ratio("… with as many, against two C processes", amongMany, of("SpawnInC",
                Map.of("processes", "2", "openFiles", "" + JmhRuns.MANY_FILES), "perSecond"), Double.NaN);
        ratio("… and against `ProcessBuilder`", amongMany, spawn("ProcessBuilder", JmhRuns.MANY_FILES), Double.NaN);
        OptionalDouble run = of("RoundTripBenchmark.runTrue",
                Map.of("threads", "virtual", "engine", "native", "clients", "64"), "perSecond");
        ratio("`RUN` end to end, 64 clients, against two C processes", run, c, 0.85);
        ratio("… against Apache MINA SSHD", run, of("SshPeerBenchmark.runTrue", Map.of("clients", "64"), "perSecond"),
                Double.NaN);
        for (String threads : new String[] {"virtual", "platform"}) {
            ratio("`PING`, redis-benchmark with 50 clients, " + threads + " threads, against redis-server",
                    of("RedisBenchmark", Map.of("server", threads), "perSecond"),
                    of("RedisBenchmark", Map.of("server", "redis-server"), "perSecond"), 0.8);
        }
        atOnce();
        atMost("resident memory of an idle client, of " + most("IdleClients", "clients"),
                of("IdleClients", Map.of("threads", "virtual", "clients", most("IdleClients", "clients")), "kibEach"),
                8, "KiB");
        atMost("resident memory of a running silent command, above its client", of("SilentCommands",
                Map.of("threads", "virtual"), "kibEach"), Double.NaN, "KiB");
        OptionalDouble empty = of("StartUp", Map.of("program", "an empty Java program"), "ms");
        OptionalDouble start = of("StartUp", Map.of("program", "heddle serve"), "ms");
        if (start.isPresent() && empty.isPresent()) {
            double times = start.getAsDouble() / empty.getAsDouble();
            line("start of `serve` to the first `PONG`, against an empty Java program", String.format(Locale.ROOT,
                    "%.0f : %.0f ms = %.2f", start.getAsDouble(), empty.getAsDouble(), times), "< 2.5", times < 2.5);
        }
        OptionalDouble stream = of("Streaming", Map.of("program", "heddle run"), "mibPerSecond");
        ratio("`heddle run -- cat file`, MiB/s, against `cat file \\| cat`", stream,
                of("Streaming", Map.of("program", "cat | cat"), "mibPerSecond"), 0.5);
        OptionalDouble quarter = of("Streaming", Map.of("program", "heddle run"), "quarterPeakMib");
        OptionalDouble whole = of("Streaming", Map.of("program", "heddle run"), "peakMib");
        if (quarter.isPresent() && whole.isPresent()) {
            line("… its peak memory at a quarter of the file and at all of it", String.format(Locale.ROOT,
                    "%.0f and %.0f MiB", quarter.getAsDouble(), whole.getAsDouble()), "constant",
                    whole.getAsDouble() < 1.25 * quarter.getAsDouble());
        }
    }

    private void atOnce() {
        String commands = most("RunningCommands", "commands");
        Map<String, String> virtual = Map.of("threads", "virtual", "commands", commands);
        OptionalDouble together = of("RunningCommands", virtual, "seconds");
        OptionalDouble alone = of("SpawningAlone", Map.of("commands", commands), "seconds");
        if (together.isPresent() && alone.isPresent()) {
            double allowed = 1.5 * alone.getAsDouble() + 5;
            boolean failed = of("RunningCommands", virtual, "failures").getAsDouble() > 0;
            line(commands + " × `sleep 5` at once",
                    String.format(Locale.ROOT, "%.1f s%s", together.getAsDouble(), failed ? ", some failed" : ""),
                    String.format(Locale.ROOT, "≤ %.1f s: 1.5 × spawning alone (%.1f s) + 5 s", allowed,
                            alone.getAsDouble()), together.getAsDouble() <= allowed && !failed);
        }
        atMost("… `PING` p99 meanwhile, on a server just started", of("RunningCommands", virtual, "p99Ms"), 50, "ms");
        atMost("… and when the same comes again", of("RunningCommands", virtual, "p99AgainMs"), 50, "ms");
    }

    /** Virtual against platform threads. */
    private void threads() {
        lines.append("\n| | clients | virtual | platform |\n|---|---|---|---|\n");
        for (String request : new String[] {"PING", "RUN true"}) {
            for (String clients : new String[] {"1", "64", "1024", "4000"}) {
                compare("`" + request + "` per second; p99; OS threads; MiB", clients,
                        busy(request, clients, "virtual"), busy(request, clients, "platform"));
            }
        }
        for (String commands : new String[] {"500", "4000"}) {
            compare("`sleep 5`, all at once: time; `PING` p99; OS threads; peak MiB", commands,
                    running(commands, "virtual"), running(commands, "platform"));
        }
        for (String clients : new String[] {"1000", "10000"}) {
            compare("idle: KiB each; OS threads", clients, idle(clients, "virtual"), idle(clients, "platform"));
        }
    }

    private void compare(String what, String clients, String virtual, String platform) {
        if (!virtual.equals(NOT_MEASURED) || !platform.equals(NOT_MEASURED)) {
            lines.append(String.format("| %s | %s | %s | %s |%n", what, clients, virtual, platform));
        }
    }

    private String busy(String request, String clients, String threads) {
        Map<String, String> params = Map.of("request", request, "clients", clients, "threads", threads);
        return all("BusyClients", params, "perSecond", "", "p99Ms", " ms", "osThreads", "", "residentMib", "");
    }

    private String running(String commands, String threads) {
        return all("RunningCommands", Map.of("commands", commands, "threads", threads), "seconds", " s", "p99Ms",
                " ms", "osThreads", "", "peakMib", "");
    }

    private String idle(String clients, String threads) {
        return all("IdleClients", Map.of("clients", clients, "threads", threads), "kibEach", "", "osThreads", "");
    }

    private String all(String what, Map<String, String> params, String... figuresAndUnits) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < figuresAndUnits.length; i += 2) {
            OptionalDouble value = of(what, params, figuresAndUnits[i]);
            if (value.isEmpty()) {
                return failure(what, params);
            }
            text.append(i == 0 ? "" : "; ").append(number(value.getAsDouble())).append(figuresAndUnits[i + 1]);
        }
        return text.toString();
    }

    private String failure(String what, Map<String, String> params) {
        return results.rows().stream().filter(row -> row.is(what, params) && row.error() != null).findFirst()
                .map(row -> "failed").orElse(NOT_MEASURED);
    }

    private OptionalDouble spawn(String engine, int openFiles) {
        return of("SpawnBenchmark.trueWithBothStreamsDrained", Map.of("engine", engine, "threads", "virtual",
                "atOnce", "64", "openFiles", "" + openFiles), "perSecond");
    }

    /** The highest value of a parameter in this run. */
    private String most(String what, String param) {
        return results.rows().stream().filter(row -> row.what().equals(what)).map(row -> row.params().get(param))
                .map(Integer::valueOf).max(Comparator.naturalOrder()).map(String::valueOf).orElse(NOT_MEASURED);
    }

    private void ratio(String what, OptionalDouble ours, OptionalDouble theirs, double atLeast) {
        if (ours.isPresent() && theirs.isPresent()) {
            double ratio = ours.getAsDouble() / theirs.getAsDouble();
            line(what, String.format(Locale.ROOT, "%s : %s = %.2f", number(ours.getAsDouble()),
                    number(theirs.getAsDouble()), ratio), Double.isNaN(atLeast) ? "" : "≥ " + atLeast,
                    Double.isNaN(atLeast) ? null : ratio >= atLeast);
        }
    }

    private void atMost(String what, OptionalDouble value, double limit, String unit) {
        if (value.isPresent()) {
            boolean none = Double.isNaN(limit);
            line(what, number(value.getAsDouble()) + " " + unit, none ? "" : "≤ " + number(limit) + " " + unit,
                    none ? null : value.getAsDouble() <= limit);
        }
    }

    private void line(String what, String measured, String goal, Boolean met) {
        lines.append(String.format("| %s | %s | %s | %s |%n", what, measured, goal,
                met == null ? "" : met ? "yes" : "**no**"));
    }

    static String number(double value) {
        boolean small = value < 10 && value != Math.rint(value);
        return String.format(Locale.ROOT, small ? "%.1f" : "%,.0f", value);
    }
}
