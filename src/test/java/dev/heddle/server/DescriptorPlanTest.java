package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.function.IntToLongFunction;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorPlanTest {
    private static final IntToLongFunction FOUR_EACH = processes -> 4L * processes;
    private static final int OPEN = 20;

    private static DescriptorPlan plan(long limit, int clients, int commands) {
        return DescriptorPlan.of(OptionalLong.of(limit), OPEN,
                new DescriptorPlan.Wanted(clients, commands, FOUR_EACH));
    }

    private static long taken(DescriptorPlan plan) {
        return OPEN + plan.clients() + plan.waiting() + FOUR_EACH.applyAsLong(plan.commands());
    }

    @Test
    void whereEverythingFitsNothingIsLowered() {
        DescriptorPlan plan = plan(1_000_000, 10_000, 10_000);
        assertThat(plan.clients()).isEqualTo(10_000);
        assertThat(plan.commands()).isEqualTo(10_000);
        assertThat(plan.lowered()).isEmpty();
    }

    @Test
    void withoutALimitNothingIsLowered() {
        DescriptorPlan plan = DescriptorPlan.of(OptionalLong.empty(), OPEN,
                new DescriptorPlan.Wanted(10_000, 10_000, FOUR_EACH));
        assertThat(plan.clients()).isEqualTo(10_000);
        assertThat(plan.commands()).isEqualTo(10_000);
        assertThat(plan.lowered()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 256, 1024, 4096, 20_000, 60_000})
    void allThatMayBeThereAtOnceFits(long limit) {
        DescriptorPlan plan = plan(limit, 10_000, 10_000);
        assertThat(taken(plan)).isLessThan(limit);
        assertThat(plan.clients()).isGreaterThanOrEqualTo(plan.commands());
        assertThat(plan.commands()).isPositive();
        assertThat(plan.waiting()).isPositive();
    }

    @Test
    void itSaysWhatWasLoweredAndWhy() {
        DescriptorPlan plan = plan(1024, 10_000, 10_000);
        assertThat(plan.lowered().orElseThrow()).startsWith("lowered max-connections from 10000 to " + plan.clients()
                + " and max-commands from 10000 to " + plan.commands()
                + ": the limit of open files (ulimit -n) is 1024; ");
    }

    @Test
    void whatOneDoesNotNeedGoesToTheOther() {
        DescriptorPlan even = plan(10_000, 10_000, 10_000);
        DescriptorPlan fewClients = plan(10_000, 50, 10_000);
        assertThat(fewClients.clients()).isEqualTo(50);
        assertThat(fewClients.commands()).isGreaterThan(3 * even.commands() / 2);
        assertThat(fewClients.lowered().orElseThrow()).startsWith("lowered max-commands from 10000 to ");
        DescriptorPlan fewCommands = plan(10_000, 10_000, 10);
        assertThat(fewCommands.commands()).isEqualTo(10);
        assertThat(fewCommands.clients()).isGreaterThan(3 * even.clients() / 2);
        assertThat(taken(fewClients)).isLessThan(10_000);
        assertThat(taken(fewCommands)).isLessThan(10_000);
    }

    /** It cannot do what it says, but a health check and one command. */
    @Test
    void oneOfEachIsTriedInAnyCase() {
        DescriptorPlan plan = plan(OPEN, 10_000, 10_000);
        assertThat(plan.clients()).isEqualTo(1);
        assertThat(plan.waiting()).isEqualTo(1);
        assertThat(plan.commands()).isEqualTo(1);
    }
}
