package dev.heddle.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

import org.HdrHistogram.Histogram;

/**
 * One measurement: what, with which parameters, and the figures, whose names end with their unit. The form of JMH's
 * results and of the scale programs' alike.
 *
 * @param error why there are no figures; null when there are
 */
record Row(String what, Map<String, String> params, Map<String, Double> figures, String error) {
    static Row of(String what, Map<String, ?> params) {
        Map<String, String> texts = new TreeMap<>();
        params.forEach((name, value) -> texts.put(name, value.toString()));
        return new Row(what, texts, new LinkedHashMap<>(), null);
    }

    Row failed(Throwable cause) {
        return new Row(what, params, figures, cause.toString());
    }

    Row with(String figure, double value) {
        figures.put(figure, Math.abs(value) < 100 ? Math.round(value * 1_000) / 1_000.0 : Math.round(value));
        return this;
    }

    /** The percentiles of a histogram of microseconds, in milliseconds. */
    Row with(Histogram micros) {
        return with("p50Ms", micros.getValueAtPercentile(50) / 1e3)
                .with("p99Ms", micros.getValueAtPercentile(99) / 1e3)
                .with("p99.9Ms", micros.getValueAtPercentile(99.9) / 1e3)
                .with("maxMs", micros.getMaxValue() / 1e3);
    }

    boolean is(String wanted, Map<String, String> wantedParams) {
        return what.equals(wanted) && params.entrySet().containsAll(wantedParams.entrySet());
    }

    OptionalDouble figure(String name) {
        Double value = figures.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
