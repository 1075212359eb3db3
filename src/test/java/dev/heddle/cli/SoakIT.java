package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.cli.value.DurationConverter;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server in a process of its own under mixed load: what it holds stays level, and is given back. As long
 * as {@code -Dheddle.soak=10m} says, or {@value #SHORT}.
 */
class SoakIT {
    private static final String SHORT = "25s";
    private static final String PASSWORD = "of the soak";
    private static final int PARTS = 5;

    @TempDir
    private Path directory;

    private final String mark = UUID.randomUUID().toString();
    private BuiltHeddle built;
    private Process server;

    @AfterEach
    void endAll() throws InterruptedException {
        built.close();
    }

    /** What the server holds at one moment. */
    private record Sample(long residentKiB, long threads, long descriptors, long children) {
        static Sample of(Process process) throws IOException {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            return new Sample(residentKiB(proc), entries(proc.resolve("task")), entries(proc.resolve("fd")),
                    process.children().count());
        }

        private static long residentKiB(Path proc) throws IOException {
            return Long.parseLong(Files.readString(proc.resolve("status"))
                    .replaceAll("(?s).*VmRSS:\\s+([0-9]+) kB.*", "$1"));
        }

        private static long entries(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.count();
            }
        }
    }

    @Test
    void whatTheServerHoldsStaysLevel() throws Exception {
        Duration time = new DurationConverter().convert(System.getProperty("heddle.soak", SHORT));
        TestAuthority authority = new TestAuthority(directory);
        Issued own = authority.issueForLoopback("server");
        built = new BuiltHeddle(directory);
        // The whole heap is resident from the start, so that what grows is not the heap; that is looked at apart.
        server = built.serve(Map.of("HEDDLE_PASSWORD", PASSWORD, "HEDDLE_JAVA_OPTS",
                "-Xms96m -Xmx96m -XX:+AlwaysPreTouch"), "--listen",
                "resps://127.0.0.1:0", "--tls-cert", own.certificate().toString(), "--tls-key", own.key().toString(),
                "--max-kept", "20", "--kill-grace", "200ms", "--hangup-grace", "300ms", "--audit-log",
                directory.resolve("audit.log").toString());
        List<String> addresses = Files.readAllLines(directory.resolve("addresses"));
        MixedLoad load = new MixedLoad(port(addresses.get(0)), port(addresses.get(1)),
                authority.clientContext(Optional.empty()).getSocketFactory(), PASSWORD, mark);
        Map<String, Long> done;
        List<Sample> samples = new ArrayList<>();
        long heapAfterWarmUp;
        try (ExecutorService runner = Executors.newSingleThreadExecutor()) {
            Future<Map<String, Long>> running = runner.submit(load::run);
            long start = System.nanoTime();
            sample(samples, start, time.dividedBy(PARTS), running);
            heapAfterWarmUp = liveHeapKiB();
            sample(samples, start, time, running);
            load.stop();
            done = running.get(60, TimeUnit.SECONDS);
        }
        System.out.println("soak: " + time + ", clients: " + done);
        List<List<Sample>> parts = parts(samples);
        System.out.println("soak: part  RSS KiB  threads  descriptors  children (medians)");
        for (int i = 0; i < PARTS; i++) {
            System.out.printf("soak: %4d  %7d  %7d  %11d  %8d%n", i + 1, median(parts.get(i), Sample::residentKiB),
                    median(parts.get(i), Sample::threads), median(parts.get(i), Sample::descriptors),
                    median(parts.get(i), Sample::children));
        }
        Await.until("no process is left", Duration.ofSeconds(30),
                () -> Sample.of(server).children() == 0 && HostProcesses.withVariable("MARK", mark).isEmpty());
        Sample after = Sample.of(server);
        long heap = liveHeapKiB();
        System.out.printf("soak: idle  %7d  %7d  %11d  %8d; live heap %d KiB, after warm-up %d KiB%n",
                after.residentKiB(), after.threads(), after.descriptors(), after.children(), heap, heapAfterWarmUp);
        assertThat(done).as("all kinds of clients came").hasSize(11);
        // A JVM goes on compiling for a minute or two; a long run is held to more.
        double growth = time.compareTo(Duration.ofMinutes(3)) < 0 ? 1.3 : 1.15;
        List<Sample> second = parts.get(1);
        List<Sample> last = parts.get(PARTS - 1);
        assertThat(median(last, Sample::residentKiB)).as("memory")
                .isLessThan((long) (median(second, Sample::residentKiB) * growth));
        assertThat(median(last, Sample::threads)).as("threads").isLessThan(median(second, Sample::threads) + 10);
        assertThat(median(last, Sample::descriptors)).as("descriptors")
                .isLessThan(median(second, Sample::descriptors) + 40);
        assertThat(median(last, Sample::children)).as("children").isLessThan(median(second, Sample::children) + 10);
        assertThat(heap).as("live heap in KiB, nobody connected").isLessThan(heapAfterWarmUp + 4096);
        try (RawClient good = new RawClient(port(addresses.get(0)))) {
            good.call("AUTH", PASSWORD);
            assertThat(good.run("RUN", "echo", "on").out()).isEqualTo("on\n");
        }
        assertThat(Files.readString(built.log())).as("nothing failed").doesNotContain("ERROR");
    }

    /** Takes samples until the time since the start is over, or the load is. */
    private void sample(List<Sample> samples, long start, Duration time, Future<?> running) throws Exception {
        long everyMillis = Math.clamp(time.toMillis() / 100, 200, 5000);
        while (System.nanoTime() - start < time.toNanos() && !running.isDone()) {
            samples.add(Sample.of(server));
            TimeUnit.MILLISECONDS.sleep(everyMillis);
        }
    }

    private static List<List<Sample>> parts(List<Sample> samples) {
        List<List<Sample>> parts = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            parts.add(samples.subList(samples.size() * i / PARTS, samples.size() * (i + 1) / PARTS));
        }
        return parts;
    }

    private static long median(List<Sample> samples, ToLongFunction<Sample> figure) {
        return samples.stream().mapToLong(figure).sorted().toArray()[samples.size() / 2];
    }

    /** What can be reached in the server's heap, once what cannot has been collected. */
    private long liveHeapKiB() throws Exception {
        Process jcmd = built.start(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(server.pid()), "GC.class_histogram");
        String total = new String(jcmd.getInputStream().readAllBytes()).lines()
                .filter(line -> line.startsWith("Total")).findFirst().orElseThrow();
        return Long.parseLong(total.trim().split("\\s+")[2]) >> 10;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
