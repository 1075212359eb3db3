package dev.heddle.face.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.run.MemoryBudget;
import dev.heddle.testing.Await;

import java.util.List;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboxTest {
    private final Outbox outbox = new Outbox(new MemoryBudget(1 << 20));

    @Test
    void theLastPushIsOutWhenTheCommandHasEnded() throws Exception {
        outbox.add(CommandStream.push("pong"));
        outbox.finish();
        assertThat(outbox.take()).hasSize(1);
        assertThat(outbox.take()).isEmpty();
        assertThat(outbox.hold()).isFalse();
        assertThat(outbox.add(CommandStream.push("pong"))).isFalse();
    }

    /** A signal ends its command before its answer is there: that is still one of the command's pushes. */
    @Test
    void anAnswerThatHasAPlaceComesAfterTheEndOfTheCommand() throws Exception {
        assertThat(outbox.hold()).isTrue();
        outbox.finish();
        FutureTask<List<Outbox.Item>> taken = new FutureTask<>(outbox::take);
        Thread lane = Thread.ofPlatform().daemon().start(taken);
        Await.until("it waits for the answer", () -> lane.getState() == Thread.State.WAITING);
        assertThat(outbox.add(CommandStream.push("signaled"))).isTrue();
        outbox.letGo();
        assertThat(taken.get()).hasSize(1);
        assertThat(outbox.take()).isEmpty();
    }

    @Test
    void aPlaceThatIsNotNeededIsNotWaitedForAnyMore() throws Exception {
        assertThat(outbox.hold()).isTrue();
        outbox.finish();
        outbox.letGo();
        assertThat(outbox.take()).isEmpty();
    }
}
