package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class PaceTest {
    /** Operators may say "for ever" with a large number, and nanoseconds can count to 292 years only. */
    @Test
    void aLimitMayBeLongerThanNanosecondsCanCount() {
        Duration forEver = Duration.ofHours(999_999_999);
        Pace pace = new Pace();
        pace.stranger(true);
        assertThat(pace.overdue(new Patience(forEver, forEver, forEver))).isEmpty();
        pace.reads(true);
        assertThat(pace.overdue(new Patience(forEver, forEver, forEver))).isEmpty();
    }
}
