package dev.heddle.run;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * A waiting line that is fair: users take turns, and so do the connections of one user. Whoever has asked for much
 * makes only themselves wait.
 *
 * <p><b>Threading:</b> {@link Admission} guards it by its lock.
 */
final class FairLine {
    private final SequencedMap<String, OfUser> users = new LinkedHashMap<>(); // the first is the next; none is empty
    private final SequencedSet<Ticket> byAge = new LinkedHashSet<>();

    /** What waits of one user. */
    private static final class OfUser {
        final SequencedMap<Long, ArrayDeque<Ticket>> connections = new LinkedHashMap<>(); // likewise in turn
        int size;

        Ticket last() {
            return connections.lastEntry().getValue().getLast();
        }
    }

    void add(Ticket ticket) {
        OfUser of = users.computeIfAbsent(ticket.user(), first -> new OfUser());
        of.connections.computeIfAbsent(ticket.connection(), first -> new ArrayDeque<>()).add(ticket);
        of.size++;
        byAge.add(ticket);
    }

    /** Takes the ticket whose turn it is; null when nobody waits. Its user and its connection go to the end. */
    Ticket poll() {
        Map.Entry<String, OfUser> user = users.pollFirstEntry();
        if (user == null) {
            return null;
        }
        OfUser of = user.getValue();
        Map.Entry<Long, ArrayDeque<Ticket>> connection = of.connections.pollFirstEntry();
        Ticket ticket = connection.getValue().remove();
        if (!connection.getValue().isEmpty()) {
            of.connections.put(connection.getKey(), connection.getValue());
        }
        of.size--;
        byAge.remove(ticket);
        if (of.size > 0) {
            users.put(user.getKey(), of);
        }
        return ticket;
    }

    /** Takes out a ticket that waits here. */
    void remove(Ticket ticket) {
        OfUser of = users.get(ticket.user());
        ArrayDeque<Ticket> tickets = of.connections.get(ticket.connection());
        tickets.remove(ticket);
        if (tickets.isEmpty()) {
            of.connections.remove(ticket.connection());
        }
        of.size--;
        byAge.remove(ticket);
        if (of.size == 0) {
            users.remove(ticket.user());
        }
    }

    /** Finds the last ticket of the user with most of them, if they have at least two more than this user. */
    Optional<Ticket> lastOfUserOverShare(String user) {
        int own = users.containsKey(user) ? users.get(user).size : 0;
        return largest().filter(of -> of.size > own + 1).map(OfUser::last);
    }

    /** Finds the last ticket of the user with most of them; somebody waits. */
    Ticket lastOfLargest() {
        return largest().orElseThrow().last();
    }

    private Optional<OfUser> largest() {
        return users.values().stream().max(Comparator.comparingInt(of -> of.size));
    }

    /** Returns the ticket that has waited longest of those that are here. */
    Ticket oldest() {
        return byAge.getFirst();
    }

    int size() {
        return byAge.size();
    }
}
