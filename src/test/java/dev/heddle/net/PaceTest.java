package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.time.AwakeClock;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class PaceTest {
    /** Operators may say "for ever" with a large number, and nanoseconds can count to 292 years only. */
    @Test
    void aLimitMayBeLongerThanNanosecondsCanCount() {
        Duration forEver = Duration.ofHours(999_999_999);
        ClientActivity pace = new ClientActivity(AwakeClock.system());
        pace.stranger(true);
        assertThat(pace.overdue(new ClientTimeouts(forEver, forEver, forEver))).isEmpty();
        pace.reads(true);
        assertThat(pace.overdue(new ClientTimeouts(forEver, forEver, forEver))).isEmpty();
    }

    /** What has come meanwhile is still to be read: a client that was never waited for is not too slow. */
    @Test
    void aPauseOfTheJvmCountsAgainstNobody() {
        AtomicLong source = new AtomicLong();
        ClientActivity pace = new ClientActivity(new AwakeClock(source::get));
        ClientTimeouts patience = new ClientTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(pace.overdue(patience)).as("idle").isEmpty();
        pace.stranger(true);
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(pace.overdue(patience)).as("without a login").isEmpty();
        pace.stranger(false);
        pace.reads(true);
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(pace.overdue(patience)).as("inside a request").isEmpty();
    }
}
