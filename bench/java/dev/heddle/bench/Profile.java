package dev.heddle.bench;

import java.time.Duration;
import java.util.List;

/**
 * How much of everything a run measures.
 *
 * @param rounds          of what is measured in alternation with its peers
 * @param startRounds     the same for the start
 * @param cSeconds        of each loop in C
 * @param redisRequests   for each redis-benchmark
 * @param idleClients     numbers of idle clients
 * @param sleepers        numbers of commands that run at the same time
 * @param silentCommands  whose memory is taken
 * @param clients         numbers of busy clients
 * @param warmUp          of busy clients; RUN gets faster for several seconds
 * @param measured        of busy clients
 * @param streamMebibytes that cross a connection
 */
record Profile(String name, int rounds, int startRounds, int cSeconds, int redisRequests,
               List<Integer> idleClients, List<Integer> sleepers, int silentCommands, List<Integer> clients,
               Duration warmUp, Duration measured, int streamMebibytes) {
    /** Everything that the README shows: more than 20 minutes on two cores. */
    static final Profile FULL = new Profile("full", 3, 11, 4, 200_000, List.of(1_000, 10_000), List.of(500, 4_000),
            2_000, List.of(1, 64, 1_024, 4_000), Duration.ofSeconds(5), Duration.ofSeconds(4), 2_048);
    /** A first impression, in less than 5 minutes. */
    static final Profile SHORT = new Profile("short", 1, 5, 2, 100_000, List.of(1_000), List.of(500),
            500, List.of(1, 64, 1_024), Duration.ofSeconds(1), Duration.ofSeconds(2), 512);
    /** Only whether everything works: its figures say nothing. */
    static final Profile TINY = new Profile("tiny", 1, 1, 1, 1_000, List.of(50), List.of(20),
            20, List.of(1, 8), Duration.ofMillis(100), Duration.ofMillis(200), 16);
}
