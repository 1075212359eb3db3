package dev.heddle.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.LoginGuard.Source;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginGuardTest {
    private static final Source REMOTE = Source.of("192.0.2.7:4711");
    private static final Source LOCAL = Source.of("127.0.0.1:4711");

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000); // nanoTime may overflow
    private final LoginGuard guard = new LoginGuard(now::get);

    private void fail(Source source, int times) {
        for (int i = 0; i < times; i++) {
            guard.failed(source);
        }
    }

    @Test
    void eachFailureOfAConnectionDoublesItsDelayUpToABound() {
        assertThat(guard.delay(REMOTE, 0)).isEqualTo(Duration.ZERO);
        assertThat(guard.delay(REMOTE, 1)).isEqualTo(Duration.ofMillis(100));
        assertThat(guard.delay(REMOTE, 2)).isEqualTo(Duration.ofMillis(200));
        assertThat(guard.delay(REMOTE, 4)).isEqualTo(Duration.ofMillis(800));
        assertThat(guard.delay(REMOTE, 5)).isEqualTo(LoginGuard.MAX_DELAY);
        assertThat(guard.delay(REMOTE, Integer.MAX_VALUE)).isEqualTo(LoginGuard.MAX_DELAY);
    }

    @Test
    void failuresOfAnAddressDelayItsOtherConnectionsToo() {
        fail(REMOTE, LoginGuard.FREE_FAILURES);
        assertThat(guard.delay(REMOTE, 0)).isEqualTo(Duration.ZERO);
        fail(REMOTE, 1);
        assertThat(guard.delay(Source.of("192.0.2.7:9"), 0)).isEqualTo(Duration.ofMillis(100));
        assertThat(guard.delay(Source.of("192.0.2.8:9"), 0)).isEqualTo(Duration.ZERO);
        now.addAndGet(LoginGuard.WINDOW.toNanos() + 1);
        assertThat(guard.delay(REMOTE, 0)).isEqualTo(Duration.ZERO);
    }

    @Test
    void aRemoteAddressIsRefusedAfterTooManyUntilItsWindowIsOver() {
        fail(REMOTE, LoginGuard.MAX_FAILURES - 1);
        assertThat(guard.blocks(REMOTE)).isFalse();
        fail(REMOTE, 1);
        assertThat(guard.blocks(REMOTE)).isTrue();
        now.addAndGet(LoginGuard.WINDOW.toNanos() + 1);
        assertThat(guard.blocks(REMOTE)).isFalse();
        fail(REMOTE, 1);
        assertThat(guard.blocks(REMOTE)).as("a new window").isFalse();
    }

    @Test
    void nobodyCanLockTheOwnerOutOnLoopback() {
        fail(LOCAL, 100_000);
        assertThat(guard.blocks(LOCAL)).isFalse();
        assertThat(guard.delay(LOCAL, 0)).isEqualTo(LoginGuard.MAX_DELAY);
    }

    @Test
    void theTableOfAddressesIsBounded() {
        for (int i = 0; i < 100_000; i++) {
            guard.failed(Source.of("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + ":1"));
        }
        assertThat(guard.addresses()).isEqualTo(LoginGuard.MAX_ADDRESSES);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1,       127.0.0.1:2,             true,  true",
        "127.0.0.1:1,       127.0.0.2:1,             false, true",
        "192.0.2.1:1,       192.0.2.1:65535,         true,  false",
        "[::1]:1,           [0:0:0:0:0:0:0:1]:2,     true,  true",
        "[2001:db8::1]:1,   [2001:db8::ffff:9]:1,    true,  false",
        "[2001:db8::1]:1,   [2001:db8:0:1::1]:1,     false, false",
        "[fe80::1%eth0]:1,  [fe80::2%1]:1,           true,  false",
        "/run/heddle.sock,  unix:,                   true,  true"})
    void addressesOfOneNetworkAreOne(String one, String other, boolean same, boolean local) {
        assertThat(Source.of(one).equals(Source.of(other))).isEqualTo(same);
        assertThat(Source.of(one).local()).isEqualTo(local);
    }
}
