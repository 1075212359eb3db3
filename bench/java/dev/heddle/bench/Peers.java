package dev.heddle.bench;

import dev.heddle.bench.Workshop.Server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The programs that compare with something that is not written in Java, or not by us. */
final class Peers {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int REDIS_CLIENTS = 50;
    private static final int SECONDS = 60;

    private final Workshop workshop;
    private final Profile profile;
    private final Steps steps;

    Peers(Workshop workshop, Profile profile, Steps steps) {
        this.workshop = workshop;
        this.profile = profile;
        this.steps = steps;
    }

    /** One and two processes of a loop in C around posix_spawn, each with so many open files. */
    void spawnInC(int round, int openFiles) throws InterruptedException {
        if (Workshop.installed("cc").isEmpty()) {
            System.out.println("no C compiler: no yardstick for spawning");
            return;
        }
        for (int processes : List.of(1, 2)) {
            steps.run("SpawnInC", Map.of("processes", processes, "round", round, "openFiles", openFiles), DEADLINE,
                    row -> row.with("perSecond", loopsPerSecond(processes, openFiles)));
        }
    }

    private double loopsPerSecond(int processes, int openFiles) throws IOException, InterruptedException, TimeoutException {
        Path program = workshop.file("spawn");
        if (!Files.exists(program)) {
            Started.run(SECONDS, workshop.log(), Map.of(), List.of("cc", "-O2", "-o", program.toString(),
                    workshop.resource("spawn.c").toString()));
        }
        List<Path> outputs = new ArrayList<>();
        List<Started> loops = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            outputs.add(workshop.log());
            loops.add(Started.start(outputs.get(i), Map.of(), List.of(program.toString(),
                    "" + profile.cSeconds(), "" + openFiles)));
        }
        double perSecond = 0;
        for (int i = 0; i < processes; i++) {
            try (Started loop = loops.get(i)) {
                loop.awaitSuccess(SECONDS, outputs.get(i));
                perSecond += Double.parseDouble(Files.readString(outputs.get(i)).strip());
            }
        }
        return perSecond;
    }

    /** PING by redis-benchmark, to redis-server and to us, in turn. */
    void redisBenchmark() throws InterruptedException {
        if (Workshop.installed("redis-benchmark").isEmpty() || Workshop.installed("redis-server").isEmpty()) {
            System.out.println("no redis-server or redis-benchmark: no yardstick for PING");
            return;
        }
        for (int round = 1; round <= profile.rounds(); round++) {
            for (String server : List.of("redis-server", "virtual", "platform")) {
                steps.run("RedisBenchmark", Map.of("server", server, "clients", REDIS_CLIENTS, "round", round),
                        DEADLINE, row -> {
                            if (server.equals("redis-server")) {
                                redisServer(row);
                            } else {
                                try (Server heddle = workshop.serve(server)) {
                                    redisBenchmark(row, heddle.port());
                                }
                            }
                        });
            }
        }
    }

    private void redisServer(Row row) throws Exception {
        int port = Workshop.freePort();
        Path output = workshop.log();
        try (Started redis = Started.start(output, Map.of(), List.of("redis-server", "--bind", "127.0.0.1",
                "--port", "" + port, "--save", "", "--appendonly", "no", "--dir", output.getParent().toString()))) {
            awaitPong(redis, port);
            redisBenchmark(row, port);
        }
    }

    /** The first half is the warm-up. */
    private void redisBenchmark(Row row, int port) throws Exception {
        Path output = workshop.log();
        for (int half = 0; half < 2; half++) {
            Started.run(SECONDS, output, Map.of(), List.of("redis-benchmark", "-p", "" + port, "-c",
                    "" + REDIS_CLIENTS, "-n", "" + profile.redisRequests(), "-t", "ping_mbulk", "--csv"));
        }
        List<String> lines = Files.readAllLines(output);
        List<String> names = cells(lines.getFirst());
        List<String> values = cells(lines.getLast());
        row.with("perSecond", Double.parseDouble(values.get(names.indexOf("rps"))))
                .with("p50Ms", Double.parseDouble(values.get(names.indexOf("p50_latency_ms"))))
                .with("p99Ms", Double.parseDouble(values.get(names.indexOf("p99_latency_ms"))))
                .with("maxMs", Double.parseDouble(values.get(names.indexOf("max_latency_ms"))));
    }

    private static List<String> cells(String line) throws IOException {
        if (!line.startsWith("\"")) {
            throw new IOException("redis-benchmark says: " + line);
        }
        return Arrays.asList(line.replace("\"", "").split(","));
    }

    /** From the start of a process to the first PONG, beside the whole life of an empty Java program. */
    void startUp() throws InterruptedException {
        for (int round = 1; round <= profile.startRounds(); round++) {
            steps.run("StartUp", Map.of("program", "an empty Java program", "round", round), DEADLINE, row -> {
                Path program = workshop.file("dev/heddle/bench/Empty.class");
                if (!Files.exists(program)) {
                    workshop.resource("dev/heddle/bench/Empty.class");
                }
                long start = System.nanoTime();
                Started.run(SECONDS, workshop.log(), Map.of(), List.of(Workshop.java().toString(), "-cp",
                        workshop.file("").toString(), Empty.class.getName()));
                row.with("ms", (System.nanoTime() - start) / 1e6);
            });
            steps.run("StartUp", Map.of("program", "heddle serve", "round", round), DEADLINE, row -> {
                int port = Workshop.freePort();
                long start = System.nanoTime();
                try (Started serve = Started.start(workshop.log(), workshop.environment(), List.of(workshop.heddle(),
                        "serve", "--no-auth", "--listen", "resp://127.0.0.1:" + port))) {
                    awaitPong(serve, port);
                    row.with("ms", (System.nanoTime() - start) / 1e6);
                }
            });
        }
    }

    private static void awaitPong(Started server, int port) throws Exception {
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
                socket.getOutputStream().write(Load.PING.request());
                String reply = new String(socket.getInputStream().readNBytes(7), StandardCharsets.US_ASCII);
                if (!reply.equals("+PONG\r\n")) {
                    throw new IOException("no PONG, but " + reply);
                }
                return;
            } catch (ConnectException e) {
                if (!server.isAlive()) {
                    throw new IOException("the server has ended", e);
                }
                TimeUnit.MILLISECONDS.sleep(2); // not up yet; the step has a deadline
            }
        }
    }

    /**
     * What {@code heddle run -- cat file} moves, beside {@code cat file | cat}. Each with a quarter of the file
     * first: the rate comes from the difference, without the starts, and the memory must not differ.
     */
    void streaming() throws InterruptedException {
        int mebibytes = profile.streamMebibytes();
        for (int round = 1; round <= profile.rounds(); round++) {
            for (String program : List.of("cat | cat", "heddle run")) {
                steps.run("Streaming", Map.of("program", program, "mebibytes", mebibytes, "round", round),
                        DEADLINE, row -> {
                            if (program.equals("cat | cat")) {
                                streaming(row, file -> "cat " + file + " | cat");
                            } else {
                                try (Server server = workshop.serve("virtual")) {
                                    streaming(row, file -> workshop.heddle() + " run -n -h 127.0.0.1:"
                                            + server.port() + " -- cat " + file);
                                    row.with("serverPeakMib", server.process().peakKib() / 1024.0);
                                }
                            }
                        });
            }
        }
    }

    private interface Script {
        String of(Path file);
    }

    private void streaming(Row row, Script script) throws Exception {
        int all = profile.streamMebibytes();
        double few = stream(row, "quarterPeakMib", script, all / 4);
        double seconds = stream(row, "peakMib", script, all);
        row.with("seconds", seconds).with("mibPerSecond", (all - all / 4) / (seconds - few));
    }

    /** Its seconds. A run whose bytes are counted comes before the quarter. */
    private double stream(Row row, String peak, Script script, int mebibytes) throws Exception {
        Path file = workshop.file("stream-" + mebibytes);
        if (!Files.exists(file)) {
            try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "rw")) {
                byte[] mebibyte = new byte[1 << 20];
                Arrays.fill(mebibyte, (byte) 'x');
                for (int i = 0; i < mebibytes; i++) {
                    random.write(mebibyte);
                }
            }
        }
        Map<String, String> environment = new HashMap<>(workshop.environment());
        Path count = workshop.log();
        if (peak.startsWith("quarter")) {
            Started.run(SECONDS, count, environment, List.of("sh", "-c", script.of(file) + " | wc -c"));
            long bytes = Long.parseLong(Files.readString(count).strip());
            if (bytes != (long) mebibytes << 20) {
                throw new IOException(bytes + " bytes instead of " + mebibytes + " MiB");
            }
        }
        String command = script.of(file);
        long start = System.nanoTime();
        Path output = workshop.log();
        try (Started stream = Started.start(output, environment, List.of("sh", "-c",
                (command.contains("|") ? "" : "exec ") + command + " > /dev/null"))) {
            long highest = 0;
            while (stream.isAlive()) {
                try {
                    highest = Math.max(highest, stream.peakKib());
                } catch (IOException e) {
                    break; // it has just ended
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
            stream.awaitSuccess(SECONDS, output);
            row.with(peak, highest / 1024.0);
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
