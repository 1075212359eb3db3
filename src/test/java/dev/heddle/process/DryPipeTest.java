package dev.heddle.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.testing.Await;
import dev.heddle.testing.Children;
import dev.heddle.testing.Children.Running;
import dev.heddle.testing.Variant;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DryPipeTest {
    /** That a pipe was empty before says nothing of what its leader has written since, at its very end. */
    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL_NATIVE", "VIRTUAL_JDK"})
    void isAMatterOfTheTimeSince(Variant variant) throws Exception {
        Children children = new Children(variant);
        try (ChildProcess child = children.start("sleep", "60")) {
            long before = System.nanoTime();
            Running<byte[]> reader = children.fork(() -> Children.drain(child.stdout()));
            Await.until("it was seen empty", () -> child.stdout().isDry(before));
            assertThat(child.stdout().isDry(System.nanoTime() + Duration.ofHours(1).toNanos())).isFalse();
            child.closePipes();
            assertThat(reader.get()).isEmpty();
        }
    }
}
