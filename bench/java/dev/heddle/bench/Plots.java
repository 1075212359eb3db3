package dev.heddle.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Draws the results as SVG. The background is left out, and every colour keeps a contrast of at least 3 to white
 * and to a dark page (#0d1117), so that one picture does for both.
 */
final class Plots {
    private static final Color NOTHING = new Color(0, 0, 0, 0);
    private static final Color TEXT = new Color(0x75, 0x7d, 0x88);
    private static final Color LINES = new Color(0x75, 0x7d, 0x88, 0x50);
    private static final Color VIRTUAL = new Color(0x2f, 0x81, 0xf7);
    private static final Color PLATFORM = new Color(0xd9, 0x6c, 0x1a);
    private static final Color C = new Color(0x75, 0x7d, 0x88);
    private static final Color THIRD = new Color(0x2d, 0x96, 0x5b);
    private static final Color FOURTH = new Color(0x8c, 0x6a, 0xd9);
    private static final Color FIFTH = new Color(0xc9, 0x4f, 0x7c);
    private static final List<String> THREADS = List.of("virtual", "platform");

    private final Results results;
    private final Path folder;

    private Plots(Results results, Path folder) {
        this.results = results;
        this.folder = folder;
    }

    /** Draws every picture for which there are figures, into this folder. */
    static void draw(Results results, Path folder) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(folder);
        Plots plots = new Plots(results, folder);
        plots.spawn();
        plots.busy("PING", "ping", "PING per second, by clients");
        plots.busy("RUN true", "run", "RUN /bin/true per second, by clients");
        plots.latency();
        plots.memory();
        plots.redis();
    }

    private void spawn() throws IOException {
        List<String> atOnce = values("SpawnBenchmark.trueWithBothStreamsDrained", "atOnce");
        Picture picture = new Picture("Programs started per second, by how many run at a time", atOnce);
        picture.series("C loop (1 process; 2 at 4, 64)", C, at -> results.median("SpawnInC",
                Map.of("processes", at.equals("1") ? "1" : "2", "openFiles", "0"), "perSecond"));
        picture.series("native, virtual threads", VIRTUAL, at -> spawn("native", "virtual", at));
        picture.series("native, platform threads", PLATFORM, at -> spawn("native", "platform", at));
        picture.series("NuProcess", THIRD, at -> spawn("NuProcess", "virtual", at));
        picture.series("ProcessBuilder, virtual threads", FOURTH, at -> spawn("ProcessBuilder", "virtual", at));
        picture.series("ProcessBuilder, platform threads", FIFTH, at -> spawn("ProcessBuilder", "platform", at));
        picture.save("spawn");
    }

    private OptionalDouble spawn(String engine, String threads, String atOnce) {
        return results.median("SpawnBenchmark.trueWithBothStreamsDrained",
                Map.of("engine", engine, "threads", threads, "atOnce", atOnce, "openFiles", "0"), "perSecond");
    }

    private void busy(String request, String file, String title) throws IOException {
        Picture picture = new Picture(title, values("BusyClients", "clients"));
        for (String threads : THREADS) {
            picture.series(threads + " threads", color(threads), clients -> results.median("BusyClients",
                    Map.of("request", request, "clients", clients, "threads", threads), "perSecond"));
        }
        picture.save(file);
    }

    private void latency() throws IOException {
        List<String> commands = values("RunningCommands", "commands");
        Map<String, String> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", "p50Ms");
        percentiles.put("p99", "p99Ms");
        percentiles.put("p99.9", "p99.9Ms");
        percentiles.put("max", "maxMs");
        if (commands.isEmpty()) {
            return;
        }
        String most = commands.getLast();
        Picture picture = new Picture("PING in ms while " + most + " × sleep 5 start, run and end",
                List.copyOf(percentiles.keySet()));
        for (String threads : THREADS) {
            picture.series(threads + " threads", color(threads), percentile -> results.median("RunningCommands",
                    Map.of("commands", most, "threads", threads), percentiles.get(percentile)));
        }
        picture.save("latency");
    }

    private void memory() throws IOException {
        List<String> clients = values("IdleClients", "clients");
        List<String> commands = values("SilentCommands", "commands");
        Map<String, Map.Entry<String, String>> bars = new LinkedHashMap<>(); // name → what, its number
        clients.forEach(count -> bars.put(count + " idle clients", Map.entry("IdleClients", count)));
        commands.forEach(count -> bars.put(count + " running commands", Map.entry("SilentCommands", count)));
        Picture picture = new Picture("Resident memory of the server in KiB, for each", List.copyOf(bars.keySet()));
        for (String threads : THREADS) {
            picture.series(threads + " threads", color(threads), bar -> {
                String what = bars.get(bar).getKey();
                return results.median(what, Map.of(what.equals("IdleClients") ? "clients" : "commands",
                        bars.get(bar).getValue(), "threads", threads), "kibEach");
            });
        }
        picture.save("memory");
    }

    private void redis() throws IOException {
        Picture picture = new Picture("PING per second by redis-benchmark, 50 clients",
                values("RedisBenchmark", "clients").stream().map(clients -> clients + " clients").toList());
        Map<String, Color> servers = new LinkedHashMap<>();
        servers.put("redis-server", C);
        servers.put("virtual", VIRTUAL);
        servers.put("platform", PLATFORM);
        servers.forEach((server, color) -> picture.series(server.startsWith("redis") ? server
                : "Heddle, " + server + " threads", color,
                clients -> results.median("RedisBenchmark", Map.of("server", server), "perSecond")));
        picture.save("redis");
    }

    private static Color color(String threads) {
        return threads.equals("virtual") ? VIRTUAL : PLATFORM;
    }

    /** The values of a parameter in the results, in their numeric order. */
    private List<String> values(String what, String param) {
        Stream<String> all = results.rows().stream().filter(row -> row.what().equals(what))
                .map(row -> row.params().get(param));
        return all.map(Integer::valueOf).distinct().sorted().map(String::valueOf).toList();
    }

    /** One chart under way. */
    private final class Picture {
        private final CategoryChart chart;
        private final List<String> categories;
        private int count;

        private interface Figures {
            OptionalDouble of(String category);
        }

        Picture(String title, List<String> categories) {
            this.categories = categories;
            chart = new CategoryChartBuilder().width(900).height(380).title(title).build();
            CategoryStyler style = chart.getStyler();
            Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
            style.setBaseFont(font);
            style.setChartTitleFont(font.deriveFont(Font.BOLD, 15f));
            style.setLegendFont(font);
            style.setAxisTickLabelsFont(font);
            style.setLabelsFont(font.deriveFont(10f));
            for (var set : List.<Consumer<Color>>of(style::setChartBackgroundColor,
                    style::setPlotBackgroundColor, style::setPlotBorderColor, style::setLegendBackgroundColor,
                    style::setLegendBorderColor, style::setChartTitleBoxBackgroundColor,
                    style::setChartTitleBoxBorderColor)) {
                set.accept(NOTHING);
            }
            style.setChartFontColor(TEXT);
            style.setChartTitleFontColor(TEXT);
            style.setAxisTickLabelsColor(TEXT);
            style.setAxisTickMarksColor(TEXT);
            style.setLabelsFontColor(TEXT);
            style.setLabelsFontColorAutomaticEnabled(false);
            style.setPlotGridLinesColor(LINES);
            style.setPlotGridLinesStroke(new BasicStroke(1));
            style.setPlotGridVerticalLinesVisible(false);
            style.setYAxisMin(0.0);
            style.setAvailableSpaceFill(0.94);
            style.setLabelsVisible(true);
            style.setLabelsPosition(1.05);
            style.setDecimalPattern("0.#");
        }

        void series(String name, Color color, Figures figures) {
            List<Double> heights = new ArrayList<>();
            boolean any = false;
            for (String category : categories) {
                OptionalDouble height = figures.of(category);
                any |= height.isPresent();
                heights.add(height.isPresent() ? round(height.getAsDouble()) : null);
            }
            if (any) {
                chart.addSeries(name, categories, heights).setFillColor(color);
                count++;
            }
        }

        private static double round(double value) {
            return value < 100 ? Math.round(value * 10) / 10.0 : Math.round(value);
        }

        void save(String name) throws IOException {
            if (count > 0) {
                boolean few = count <= 3; // more would not fit into a line
                chart.getStyler().setLegendPosition(few ? LegendPosition.OutsideS : LegendPosition.OutsideE);
                chart.getStyler().setLegendLayout(few ? LegendLayout.Horizontal : LegendLayout.Vertical);
                VectorGraphicsEncoder.saveVectorGraphic(chart, folder.resolve(name).toString(),
                        VectorGraphicsFormat.SVG);
            }
        }
    }
}
