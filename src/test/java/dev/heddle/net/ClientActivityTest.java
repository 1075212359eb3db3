package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.time.AwakeClock;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class ClientActivityTest {
    /** Operators may say "for ever" with a large number, and nanoseconds can count to 292 years only. */
    @Test
    void aLimitMayBeLongerThanNanosecondsCanCount() {
        Duration forEver = Duration.ofHours(999_999_999);
        ClientActivity activity = new ClientActivity(AwakeClock.system());
        activity.stranger(true);
        assertThat(activity.overdue(new ClientTimeouts(forEver, forEver, forEver))).isEmpty();
        activity.reads(true);
        assertThat(activity.overdue(new ClientTimeouts(forEver, forEver, forEver))).isEmpty();
    }

    /** What has come meanwhile is still to be read: a client that was never waited for is not too slow. */
    @Test
    void aPauseOfTheJvmCountsAgainstNobody() {
        AtomicLong source = new AtomicLong();
        ClientActivity activity = new ClientActivity(new AwakeClock(source::get));
        ClientTimeouts timeouts = new ClientTimeouts(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(activity.overdue(timeouts)).as("idle").isEmpty();
        activity.stranger(true);
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(activity.overdue(timeouts)).as("without a login").isEmpty();
        activity.stranger(false);
        activity.reads(true);
        source.addAndGet(Duration.ofMinutes(5).toNanos());
        assertThat(activity.overdue(timeouts)).as("inside a request").isEmpty();
    }
}
