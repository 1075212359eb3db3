package dev.heddle.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** The file of a run: the machine, and every row. Rows may come from any thread. */
record Results(String profile, Map<String, String> machine, List<Row> rows) {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    static Results empty(String profile) throws IOException {
        return new Results(profile, thisMachine(), new CopyOnWriteArrayList<>());
    }

    static Results read(Path file) throws IOException {
        return GSON.fromJson(Files.readString(file), Results.class);
    }

    /** The same rows as if measured now, to have some of them replaced. */
    static Results readToContinue(Path file) throws IOException {
        Results old = read(file);
        return new Results(old.profile, thisMachine(), new CopyOnWriteArrayList<>(old.rows));
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, GSON.toJson(this) + "\n");
    }

    /** Adds a row, in place of an older one of the same measurement. */
    void add(Row row) {
        rows.removeIf(old -> old.what().equals(row.what()) && old.params().equals(row.params()));
        rows.add(row);
        System.out.printf("%s %s %s%n", row.what(), row.params(),
                row.error() == null ? row.figures() : "FAILED: " + row.error());
    }

    /** The median of a figure over all rows that fit. */
    OptionalDouble median(String what, Map<String, String> params, String figure) {
        double[] values = rows.stream().filter(row -> row.error() == null && row.is(what, params))
                .map(row -> row.figure(figure)).filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble).sorted().toArray();
        return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(values[values.length / 2]);
    }

    private static Map<String, String> thisMachine() throws IOException {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("cpu", cpu());
        machine.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        machine.put("memory", Math.round(meminfoKib() / 1_048_576.0) + " GiB");
        machine.put("kernel", System.getProperty("os.name") + " "
                + System.getProperty("os.version").replaceAll("-.*", "") + " " + System.getProperty("os.arch"));
        machine.put("jdk", Runtime.version().toString());
        machine.put("date", Instant.now().truncatedTo(ChronoUnit.MINUTES).toString());
        return machine;
    }

    private static String cpu() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
        }
    }

    private static long meminfoKib() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", ""))).orElse(0L);
        }
    }
}
