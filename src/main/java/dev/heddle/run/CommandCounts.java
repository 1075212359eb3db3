package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of all commands since the server's start, as {@code INFO} and the metrics show it. */
public final class CommandCounts implements CommandObserver {
    private final LongAdder started = new LongAdder();
    private final LongAdder outputBytes = new LongAdder();
    private final LongAdder refusedSignals = new LongAdder();
    private final LongAdder leftRunning = new LongAdder();
    private final Map<String, LongAdder> ended = new ConcurrentHashMap<>(); // by the outcome's word
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>(); // by reason

    CommandCounts() {}

    @Override
    public Ending started(CommandStart start) {
        started.increment();
        return end -> {
            outputBytes.add(end.usage().stdoutBytes() + end.usage().stderrBytes());
            count(ended, end.outcome().word());
            if (end.leftRunning()) {
                leftRunning.increment();
            }
        };
    }

    @Override
    public void refused(Caller caller, Command command, RefusedException refusal) {
        count(refused, refusal.reason().word());
    }

    void signalRefused() {
        refusedSignals.increment();
    }

    private static void count(Map<String, LongAdder> counts, String key) {
        counts.computeIfAbsent(key, first -> new LongAdder()).increment();
    }

    public long started() {
        return started.sum();
    }

    /** By the words of {@link dev.heddle.command.Outcome#word}; those that never came are missing. */
    public Map<String, Long> ended() {
        return sums(ended);
    }

    /** By the words of {@link dev.heddle.command.Refusal}; those that never came are missing. */
    public Map<String, Long> refused() {
        return sums(refused);
    }

    /** What ended commands have written, kept or not. */
    public long outputBytes() {
        return outputBytes.sum();
    }

    /** How many signals the kernel has refused, for some or all processes of a command. */
    public long refusedSignals() {
        return refusedSignals.sum();
    }

    /** How many ended commands left processes running, because the kernel refused to kill them. */
    public long leftRunning() {
        return leftRunning.sum();
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counts) {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }
}
