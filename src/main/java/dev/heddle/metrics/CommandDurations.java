package dev.heddle.metrics;

import dev.heddle.run.CommandObserver;
import dev.heddle.run.CommandStart;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** Observes how long commands run: the one figure that has to be gathered while they do. */
final class CommandDurations implements CommandObserver {
    private final Histogram seconds;

    CommandDurations(PrometheusRegistry registry) {
        seconds = Histogram.builder().name("heddle_command_duration_seconds").unit(Unit.SECONDS)
                .help("Wall time of ended commands.").classicOnly()
                .classicUpperBounds(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 1800, 3600)
                .withoutExemplars().register(registry);
    }

    @Override
    public Ending started(CommandStart start) {
        return end -> seconds.observe(end.usage().wallTime().toNanos() / 1e9);
    }
}
