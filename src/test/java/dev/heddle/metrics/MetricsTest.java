package dev.heddle.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.server.Observers;
import dev.heddle.server.UnsafeStartException;
import dev.heddle.testing.Await;
import dev.heddle.testing.HostProcesses;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;
import dev.heddle.testing.Variant;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a scraper sees of a server. */
class MetricsTest {
    /** The grammar of the text format, version 0.0.4, as strict as these metrics need it. */
    private static final Pattern COMMENT =
            Pattern.compile("# (HELP [a-z_]+ [^\\\\\\n]+|TYPE [a-z_]+ (counter|gauge|histogram))");
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-z_]+(\\{[a-z_]+=\"[^\"\\\\\\n]*\"(,[a-z_]+=\"[^\"\\\\\\n]*\")*\\})?) ([0-9.eE+-]+|\\+Inf|NaN)");

    private final String mark = UUID.randomUUID().toString();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private MetricsEndpoint metrics;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        metrics = new MetricsEndpoint(new InetSocketAddress("127.0.0.1", 0), false);
        server = TestServer.start(Variant.VIRTUAL_NATIVE, Optional.of("secret"), limits -> limits,
                Observers.NONE.withCommands(metrics.observer()));
        metrics.serve(server.server());
    }

    @AfterEach
    void stop() {
        server.close();
        metrics.close();
        http.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + metrics.address().getPort() + path))
                .timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
    }

    /** All samples of a scrape, checked line by line. */
    private Map<String, Double> scrape() throws Exception {
        HttpResponse<String> response = get("/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        Map<String, Double> samples = new HashMap<>();
        for (String line : response.body().lines().toList()) {
            if (line.startsWith("#")) {
                assertThat(line).matches(COMMENT);
            } else {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                assertThat(samples.put(sample.group(1), Double.valueOf(sample.group(4)))).as(line).isNull();
            }
        }
        return samples;
    }

    private RawClient login() throws IOException {
        RawClient client = server.connect();
        assertThat(client.call("AUTH", "secret")).hasToString("SimpleString[text=OK]");
        return client;
    }

    @Test
    void theFiguresAreRightAfterKnownCommands() throws Exception {
        try (RawClient client = login(); RawClient other = login()) {
            other.call("AUTH", "wrong");
            for (int i = 0; i < 5; i++) {
                client.run("RUN", "echo", "1234");
            }
            client.run("RUN", "TIMEOUT", "50", "sleep", "600");
            client.call("RUN", "no-such-program");
            other.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            Map<String, Double> figures = scrape();
            assertThat(figures).containsEntry("heddle_clients_connected", 2.0)
                    .containsEntry("heddle_connections_total", 2.0)
                    .containsEntry("heddle_logins_total", 2.0)
                    .containsEntry("heddle_login_failures_total", 1.0)
                    .containsEntry("heddle_commands_running", 1.0)
                    .containsEntry("heddle_commands_waiting", 0.0)
                    .containsEntry("heddle_commands_started_total", 7.0)
                    .containsEntry("heddle_commands_ended_total{outcome=\"exited\"}", 5.0)
                    .containsEntry("heddle_commands_ended_total{outcome=\"timeout\"}", 1.0)
                    .containsEntry("heddle_commands_refused_total{reason=\"program_not_found\"}", 1.0)
                    .containsEntry("heddle_command_output_bytes_total", 25.0)
                    .containsEntry("heddle_command_duration_seconds_count", 6.0)
                    .containsEntry("heddle_command_duration_seconds_bucket{le=\"+Inf\"}", 6.0)
                    .containsKeys("heddle_memory_budget_used_bytes", "process_open_fds", "jvm_threads_current",
                            "heddle_uptime_seconds", "heddle_jobs_under_way", "heddle_signals_refused_total",
                            "heddle_commands_left_running_total");
            assertThat(figures.get("heddle_command_duration_seconds_sum")).isBetween(0.05, 60.0);
            assertThat(((BulkString) client.call("INFO")).text()).contains("ended_commands_exited:5\r\n", "running_commands:1\r\n",
                    "refused_commands_program_not_found:1\r\n", "login_failures:1\r\n", "output_bytes:25\r\n");
        }
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/promtool")), "promtool is not installed");
        try (RawClient client = login()) {
            client.run("RUN", "true");
            client.call("RUN", "no-such-program");
        }
        Process promtool = new ProcessBuilder("/usr/bin/promtool", "check", "metrics").redirectErrorStream(true)
                .start();
        try (var in = promtool.getOutputStream()) {
            in.write(get("/metrics").body().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEmpty();
        assertThat(promtool.exitValue()).isZero();
    }

    @Test
    void notReadyWhileDraining() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        try (RawClient client = login()) {
            client.request("RUN", "ENV", "MARK", mark, "sleep", "600");
            Await.until("it runs", () -> !HostProcesses.withVariable("MARK", mark).isEmpty());
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    server.server().stop(Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Await.until("it drains", () -> !server.server().isReady());
            assertThat(get("/readyz").statusCode()).isEqualTo(503);
            assertThat(get("/healthz").statusCode()).isEqualTo(200);
            server.server().force();
            stopping.join();
        }
        assertThat(HostProcesses.withVariable("MARK", mark)).isEmpty();
    }

    @Test
    void aClientThatSendsHalfARequestHoldsNobodyUp() throws Exception {
        try (Socket slow = new Socket("127.0.0.1", metrics.address().getPort());
                Socket slower = new Socket("127.0.0.1", metrics.address().getPort())) {
            slow.getOutputStream().write("GET /metrics HT".getBytes(StandardCharsets.US_ASCII));
            slower.getOutputStream().write('G');
            assertThat(scrape()).isNotEmpty();
        }
    }

    @Test
    void othersMustBeAllowedToSeeIt() throws Exception {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        assertThatThrownBy(() -> new MetricsEndpoint(everywhere, false)).isInstanceOf(UnsafeStartException.class)
                .hasMessageContaining("--metrics-anywhere");
        new MetricsEndpoint(everywhere, true).close();
    }
}
