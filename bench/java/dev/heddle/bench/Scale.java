package dev.heddle.bench;

import dev.heddle.bench.Workshop.Server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The programs about many clients and many commands. The server is a process of its own; its clients are here. */
final class Scale {
    private static final List<String> THREADS = List.of("virtual", "platform");
    private static final Duration PING_PERIOD = Duration.ofMillis(5);
    private static final int SLEEP_SECONDS = 5;
    private static final int LOADED_CLIENTS = 64;
    /** Enough for the server's own classes and code to be there before memory is taken. */
    private static final int WARM_UP_PINGS = 20_000;
    private static final int WARM_UP_CLIENTS = 50;
    private static final int WARM_UP_COMMANDS = 200;
    private static final int LEAVE_MS = 300;
    private static final int ALL_LEAVE_MS = 1_000;

    private final Workshop workshop;
    private final Profile profile;
    private final Steps steps;

    Scale(Workshop workshop, Profile profile, Steps steps) {
        this.workshop = workshop;
        this.profile = profile;
        this.steps = steps;
    }

    /** What does a client cost that is connected and says nothing? */
    void idleClients() throws InterruptedException {
        for (int clients : profile.idleClients()) {
            for (String threads : THREADS) {
                steps.run("IdleClients", Map.of("clients", clients, "threads", threads), Duration.ofMinutes(2),
                        row -> idleClients(row, clients, threads));
            }
        }
    }

    private void idleClients(Row row, int clients, String threads) throws Exception {
        try (Server server = workshop.serve(threads)) {
            warmUp(server);
            Memory memory = new Memory(server, clients);
            try (Load load = new Load(server.port(), clients, Load.PING)) {
                load.run(clients).orThrow();
                memory.addTo(row);
            }
        }
    }

    /** What does a command cost that runs and prints nothing, above its idle client? */
    void silentCommands() throws InterruptedException {
        int commands = profile.silentCommands();
        for (String threads : THREADS) {
            steps.run("SilentCommands", Map.of("commands", commands, "threads", threads), Duration.ofMinutes(2),
                    row -> silentCommands(row, commands, threads));
        }
    }

    private void silentCommands(Row row, int commands, String threads) throws Exception {
        try (Server server = workshop.serve(threads);
                Load load = new Load(server.port(), commands, Load.Exchange.run("/bin/sleep", "100"))) {
            warmUp(server);
            Memory memory = new Memory(server, commands);
            load.sendOnce();
            awaitChildren(server, commands);
            memory.addTo(row);
        }
    }

    /** Many commands that all run at the same time, and somebody who pings meanwhile. */
    void runningCommands() throws InterruptedException {
        for (int commands : profile.sleepers()) {
            for (String threads : THREADS) {
                steps.run("RunningCommands", Map.of("commands", commands, "threads", threads),
                        Duration.ofMinutes(4), row -> runningCommands(row, commands, threads));
            }
            steps.run("SpawningAlone", Map.of("commands", commands), Duration.ofMinutes(1),
                    row -> spawningAlone(row, commands));
        }
    }

    private void runningCommands(Row row, int commands, String threads) throws Exception {
        Load.Exchange sleep = Load.Exchange.run("/bin/sleep", "" + SLEEP_SECONDS);
        try (Server server = workshop.serve(threads)) {
            try (Load load = new Load(server.port(), commands, sleep)) {
                warmUp(server);
                try (Pinger pinger = new Pinger(server.port(), PING_PERIOD);
                        Peak osThreads = new Peak(server.process()::osThreads)) {
                    Load.Result result = load.run(commands);
                    row.with("seconds", result.seconds()).with("failures", result.failures())
                            .with("osThreads", osThreads.stop())
                            .with("peakMib", server.process().peakKib() / 1024.0).with(pinger.stop());
                }
            }
            TimeUnit.MILLISECONDS.sleep(ALL_LEAVE_MS);
            // The first time much of the server's code is compiled while the clients wait.
            try (Load load = new Load(server.port(), commands, sleep);
                    Pinger pinger = new Pinger(server.port(), PING_PERIOD)) {
                load.run(commands).orThrow();
                row.with("p99AgainMs", pinger.stop().getValueAtPercentile(99) / 1e3);
            }
        }
    }

    /** The same commands by the engine alone: in a JVM that does nothing else, as the server's is. */
    private void spawningAlone(Row row, int commands) throws Exception {
        Path output = workshop.log();
        Started.run(60, output, Map.of(), Workshop.own(SpawningAlone.class, commands, SLEEP_SECONDS));
        row.with("seconds", Double.parseDouble(Files.readString(output).strip()));
    }

    /** How long does a PING take while other clients have commands started without a pause? */
    void pingUnderSpawnLoad() throws InterruptedException {
        for (String threads : THREADS) {
            steps.run("PingUnderSpawnLoad", Map.of("clients", LOADED_CLIENTS, "threads", threads),
                    Duration.ofMinutes(1), row -> pingUnderSpawnLoad(row, threads));
        }
    }

    private void pingUnderSpawnLoad(Row row, String threads) throws Exception {
        try (Server server = workshop.serve(threads);
                Load load = new Load(server.port(), LOADED_CLIENTS, Load.Exchange.run("/bin/true"))) {
            load.run(Duration.ZERO, profile.warmUp()).orThrow();
            try (Pinger pinger = new Pinger(server.port(), PING_PERIOD)) {
                Load.Result result = load.run(Duration.ZERO, profile.measured().multipliedBy(2)).orThrow();
                row.with("commandsPerSecond", result.perSecond()).with(pinger.stop());
            }
        }
    }

    /** How many requests a second, from few and from many clients, each with one request under way? */
    void busyClients() throws InterruptedException {
        Map<String, Load.Exchange> exchanges = Map.of("PING", Load.PING, "RUN true",
                Load.Exchange.run("/bin/true"));
        for (String request : List.of("PING", "RUN true")) {
            for (int clients : profile.clients()) {
                for (String threads : THREADS) { // next to each other in time
                    steps.run("BusyClients", Map.of("request", request, "clients", clients, "threads", threads),
                            Duration.ofMinutes(2), row -> busyClients(row, exchanges.get(request), clients, threads));
                }
            }
        }
    }

    private void busyClients(Row row, Load.Exchange exchange, int clients, String threads) throws Exception {
        try (Server server = workshop.serve(threads)) {
            warmUp(server);
            try (Load load = new Load(server.port(), clients, exchange);
                    Peak osThreads = new Peak(server.process()::osThreads)) {
                Load.Result result = load.run(profile.warmUp(), profile.measured()).orThrow();
                row.with("perSecond", result.perSecond()).with("osThreads", osThreads.stop())
                        .with("residentMib", server.process().residentKib() / 1024.0).with(result.latencies());
            }
        }
    }

    private static void warmUp(Server server) throws IOException, InterruptedException {
        try (Load load = new Load(server.port(), WARM_UP_CLIENTS, Load.PING)) {
            load.run(WARM_UP_PINGS).orThrow();
        }
        try (Load load = new Load(server.port(), WARM_UP_CLIENTS, Load.Exchange.run("/bin/true"))) {
            load.run(WARM_UP_COMMANDS).orThrow();
        }
        TimeUnit.MILLISECONDS.sleep(LEAVE_MS); // their threads are not to be counted
    }

    private static void awaitChildren(Server server, int count) throws InterruptedException {
        while (server.process().children() < count) { // the step has a deadline
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** The server's memory now, to be compared with later. Garbage is collected before both. */
    private final class Memory {
        private final Server server;
        private final int count;
        private final long before;

        Memory(Server server, int count) throws IOException, InterruptedException, TimeoutException {
            this.server = server;
            this.count = count;
            before = collected();
        }

        private long collected() throws IOException, InterruptedException, TimeoutException {
            server.process().collectGarbage(workshop.log());
            server.process().collectGarbage(workshop.log()); // some collectors give back at the next one only
            return server.process().residentKib();
        }

        void addTo(Row row) throws IOException, InterruptedException, TimeoutException {
            row.with("osThreads", server.process().osThreads())
                    .with("kibEachWithGarbage", (server.process().residentKib() - before) / (double) count)
                    .with("kibEach", (collected() - before) / (double) count)
                    .with("residentMib", server.process().residentKib() / 1024.0);
        }
    }

    /** The highest of a figure that is looked at ten times a second. */
    private static final class Peak implements AutoCloseable {
        private final Thread thread;
        private volatile long highest; // the thread writes

        Peak(Callable<Long> figure) {
            thread = Thread.ofPlatform().daemon().name("peak").start(() -> {
                try {
                    while (true) {
                        highest = Math.max(highest, figure.call());
                        TimeUnit.MILLISECONDS.sleep(100);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // the end
                } catch (Exception e) {
                    System.err.println("peak: " + e);
                }
            });
        }

        long stop() throws InterruptedException {
            thread.interrupt();
            thread.join();
            return highest;
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
