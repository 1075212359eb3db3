package dev.heddle.process.linux.child;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The children whose exits belong to the engine, so that {@link OrphanReaper} leaves them alone. A child exists before
 * its number is known here. So each start has a ticket, and the reaper, when it sees a child, waits until the starts
 * that may have made it are over. Safe for all threads.
 */
public final class OwnChildren {
    private final Set<Integer> pids = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextTicket = new AtomicLong();
    private final ConcurrentSkipListSet<Long> starting = new ConcurrentSkipListSet<>(); // tickets of starts under way

    /** Begins a start; returns its ticket for {@link #endStart}, which is due once its child, if any, was added. */
    public synchronized long beginStart() {
        long ticket = nextTicket.getAndIncrement();
        starting.add(ticket); // in one step, as tickets() sees it, with issuing the ticket
        return ticket;
    }

    public void endStart(long ticket) {
        starting.remove(ticket);
    }

    public void add(int pid) {
        pids.add(pid);
    }

    /** Removes a child, before it is reaped: afterwards its number may be another child's. */
    public void remove(int pid) {
        pids.remove(pid);
    }

    boolean contains(int pid) {
        return pids.contains(pid);
    }

    /** A number that is above all tickets issued so far. */
    synchronized long tickets() {
        return nextTicket.get();
    }

    /** Whether every start with a smaller ticket is over. */
    boolean areOver(long tickets) {
        return starting.headSet(tickets).isEmpty();
    }
}
