package dev.heddle.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

class LaneTest {
    @Test
    void aTaskWithoutAThreadIsDroppedOnce() throws Exception {
        ThreadFactory none = task -> new Thread(task) {
            @Override
            public void start() {
                throw new OutOfMemoryError("unable to create native thread");
            }
        };
        AtomicInteger dropped = new AtomicInteger();
        Lane lane = new Lane("lane", none, () -> { }, () -> { });
        Lane.Task task = new Lane.Task() {
            @Override
            public void run() {
                throw new AssertionError("there is no thread to run it");
            }

            @Override
            public void dropped() {
                dropped.incrementAndGet();
            }
        };
        assertThatThrownBy(() -> lane.submit(task)).isInstanceOf(OutOfMemoryError.class);
        assertThat(dropped).as("the caller drops what was not taken").hasValue(0);
        assertThat(lane.isIdle()).isTrue();
        lane.close();
        lane.join();
        assertThat(dropped).hasValue(0);
    }
}
