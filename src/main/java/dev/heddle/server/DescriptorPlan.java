package dev.heddle.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntToLongFunction;

/**
 * The numbers of clients and commands that fit the limit of open files together, so that idle clients do not take what
 * commands were promised. When less fits than is wanted, clients and commands get half of the descriptors each, and
 * what one of them does not need goes to the other.
 *
 * @param clients  at the same time
 * @param waiting  clients that are accepted and wait for a connection permit
 * @param commands at the same time
 * @param lowered  what is less than wanted and why, in words for the operator; empty when everything fits
 */
record DescriptorPlan(int clients, int waiting, int commands, Optional<String> lowered) {
    /** The most clients that wait for a permit; more are refused at once. */
    private static final int MOST_WAITING = 1000;
    /** One in so many descriptors for clients is for those that wait. */
    private static final int WAITING_PART = 9;
    /** Descriptors that come and go: files that are read, clients of the metrics, clients that are refused. */
    private static final int PASSING = 48;
    private static final int MOST_POLLERS = 32; // the JDK's for virtual threads, in each direction

    /** @param descriptors how many so many commands take at most */
    record Wanted(int clients, int commands, IntToLongFunction descriptors) {}

    /**
     * Makes the plan.
     *
     * @param limit of open files; empty when there is none
     * @param open  descriptors that are open before the first client comes
     */
    static DescriptorPlan of(OptionalLong limit, long open, Wanted wanted) {
        if (limit.isEmpty()) {
            return new DescriptorPlan(wanted.clients(), MOST_WAITING, wanted.commands(), Optional.empty());
        }
        long own = open + Math.min(limit.getAsLong() / 4, passing());
        long shared = Math.max(0, limit.getAsLong() - own);
        long forCommands = Math.max(shared / 2, shared - wanted.clients() - MOST_WAITING);
        int commands = most(wanted, forCommands);
        long forClients = Math.max(0, shared - wanted.descriptors().applyAsLong(commands));
        int clients = (int) Math.clamp(forClients - Math.min(MOST_WAITING, forClients / WAITING_PART), 1,
                wanted.clients());
        int waiting = (int) Math.clamp(forClients - clients, 1, MOST_WAITING);
        return new DescriptorPlan(clients, waiting, commands,
                lowered(limit.getAsLong(), own, wanted, clients, commands));
    }

    private static long passing() {
        return PASSING + 2L * Math.min(MOST_POLLERS, Runtime.getRuntime().availableProcessors());
    }

    /** Finds the most commands that fit; one may run in any case. */
    private static int most(Wanted wanted, long descriptors) {
        int fits = 1;
        int tooMany = wanted.commands() + 1;
        while (tooMany - fits > 1) {
            int middle = fits + (tooMany - fits) / 2;
            if (wanted.descriptors().applyAsLong(middle) <= descriptors) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }

    private static Optional<String> lowered(long limit, long own, Wanted wanted, int clients, int commands) {
        List<String> parts = new ArrayList<>();
        if (clients < wanted.clients()) {
            parts.add("max-connections from " + wanted.clients() + " to " + clients);
        }
        if (commands < wanted.commands()) {
            parts.add("max-commands from " + wanted.commands() + " to " + commands);
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of("lowered " + String.join(" and ", parts)
                + ": the limit of open files (ulimit -n) is " + limit + "; a client takes 1 of them, " + commands
                + " commands up to " + wanted.descriptors().applyAsLong(commands) + ", the server itself up to " + own);
    }
}
