package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class RareWarningTest {
    private final List<String> levels = new ArrayList<>();

    private final Logger log = (Logger) Proxy.newProxyInstance(RareWarningTest.class.getClassLoader(),
            new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                levels.add(method.getName());
                return null;
            });

    @Test
    void aThousandClientsMakeOneWarningAMinute() {
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // it may come round
        RareWarning warning = new RareWarning(log, clock::get);
        for (int minute = 0; minute < 3; minute++) {
            levels.clear();
            for (int i = 0; i < 1000; i++) {
                warning.give("127.0.0.1:1", "speaks HTTP");
            }
            assertThat(levels.getFirst()).isEqualTo("warn");
            assertThat(levels.subList(1, 1000)).containsOnly("info");
            clock.addAndGet(Duration.ofMinutes(1).toNanos());
        }
    }
}
