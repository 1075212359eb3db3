package dev.heddle.process.linux.child;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The children whose exits belong to the engine, so that {@link OrphanReaper} leaves them alone. A child exists
 * before its number is known here: so each start has a ticket, and who has seen a child waits until the starts
 * that may have made it are over. Any thread may use it.
 */
public final class OwnChildren {
    private final Set<Integer> pids = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextTicket = new AtomicLong();
    private final ConcurrentSkipListSet<Long> starting = new ConcurrentSkipListSet<>(); // tickets not given back

    /** A start begins; to be given back to {@link #endStart} once its child, if there is one, was added. */
    public synchronized long beginStart() {
        long ticket = nextTicket.getAndIncrement();
        starting.add(ticket); // in one step for tickets(): a ticket is never issued and not yet there
        return ticket;
    }

    public void endStart(long ticket) {
        starting.remove(ticket);
    }

    public void add(int pid) {
        pids.add(pid);
    }

    /** Before the child is reaped: afterwards its number may be another child's. */
    public void remove(int pid) {
        pids.remove(pid);
    }

    boolean contains(int pid) {
        return pids.contains(pid);
    }

    /** All tickets issued so far are smaller. */
    synchronized long tickets() {
        return nextTicket.get();
    }

    /** Whether every start with a smaller ticket is over. */
    boolean areOver(long tickets) {
        return starting.headSet(tickets).isEmpty();
    }
}
