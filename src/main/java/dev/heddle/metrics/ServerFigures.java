package dev.heddle.metrics;

import dev.heddle.server.HeddleServer;
import dev.heddle.server.Version;
import dev.heddle.service.CommandService;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Offers the server's counts, the figures of {@code INFO}, as metrics, which are looked up at each scrape. */
final class ServerFigures {
    private final PrometheusRegistry registry;

    private ServerFigures(PrometheusRegistry registry) {
        this.registry = registry;
    }

    static void register(HeddleServer server, PrometheusRegistry registry) {
        ServerFigures figures = new ServerFigures(registry);
        figures.clients(server);
        figures.commands(server.service());
        figures.process();
    }

    private void clients(HeddleServer server) {
        gauge("heddle_clients_connected", "Clients connected now.", server.clients()::connected);
        counter("heddle_connections", "Clients that were given a place.", server.clients()::accepted);
        counter("heddle_connections_refused", "Clients refused because all places were taken.",
                server.clients()::refused);
        counter("heddle_logins", "Logins that succeeded.", server.loginCounts()::loggedIn);
        counter("heddle_login_failures", "Logins that failed.", server.loginCounts()::refused);
    }

    private void commands(CommandService service) {
        gauge("heddle_commands_running", "Commands running now.", () -> service.status().running());
        gauge("heddle_commands_running_max", "Commands that may run at once.", () -> service.status().maxRunning());
        gauge("heddle_commands_waiting", "Commands waiting for their start.", () -> service.status().waiting());
        gauge("heddle_commands_waiting_for_slot", "Commands waiting for another one to end.",
                () -> service.status().waitingForSlot());
        gauge("heddle_commands_waiting_for_start", "Commands waiting until another program can be started.",
                () -> service.status().waitingForStart());
        counter("heddle_commands_started", "Commands started.", () -> service.status().started());
        counters("heddle_commands_ended", "Commands ended, by outcome.", "outcome", () -> service.status().ended());
        counters("heddle_commands_refused", "Commands that were not started, by reason.", "reason",
                () -> service.status().refused());
        counter("heddle_signals_refused", "Signals to commands that the kernel refused.",
                () -> service.status().refusedSignals());
        counter("heddle_commands_left_running",
                "Commands that ended while processes of theirs ran on, because the kernel refused to kill them.",
                () -> service.status().leftRunning());
        counter("heddle_command_output_bytes", "Written by ended commands.", () -> service.status().outputBytes());
        gauge("heddle_jobs_under_way", "Jobs and commands with an ID that have not ended.",
                () -> service.status().background());
        gauge("heddle_memory_budget_used_bytes", "Kept output and large requests.",
                () -> service.status().budgetUsedBytes());
        gauge("heddle_memory_budget_max_bytes", "The most that these may take.",
                () -> service.status().budgetMaxBytes());
    }

    /** Adds the figures of the process, by the names that Prometheus' own libraries use. */
    private void process() {
        Info.builder().name("heddle_build_info").help("The server's version.").labelNames("version")
                .register(registry).setLabelValues(Version.text());
        gauge("process_start_time_seconds", "Start time since the epoch.",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
        gauge("heddle_uptime_seconds", "Time since the start.",
                () -> ManagementFactory.getRuntimeMXBean().getUptime() / 1e3);
        gauge("jvm_threads_current", "Platform threads.", () -> ManagementFactory.getThreadMXBean().getThreadCount());
        gauge("jvm_memory_used_bytes", "Heap in use.",
                () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            gauge("process_open_fds", "Open descriptors.", system::getOpenFileDescriptorCount);
            gauge("process_max_fds", "Descriptors that may be open.", system::getMaxFileDescriptorCount);
            counter("process_cpu_seconds", "Processor time.", () -> system.getProcessCpuTime() / 1e9);
        }
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble()))
                .register(registry);
    }

    /** Adds a counter; the format appends {@code _total} to its name. */
    private void counter(String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble()))
                .register(registry);
    }

    private void counters(String name, String help, String label, Supplier<Map<String, Long>> values) {
        CounterWithCallback.builder().name(name).help(help).labelNames(label)
                .callback(to -> values.get().forEach((key, count) -> to.call(count, key))).register(registry);
    }
}
