package dev.heddle.face.resp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The jobs that a client reads or waits for, and whose end it has not heard: a stop waits for it to come back for that.
 * Knows the jobs by their ids, and so keeps none of them in memory.
 *
 * <p><b>Threading:</b> the client's own threads change it; any thread may ask.
 */
final class FollowedJobs {
    /** Nobody follows more at once over one connection; a client that asks for more is not waited for. */
    private static final int MAX_JOBS = 64;

    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    /** The client asks for this job's output or its end. */
    void add(String id) {
        if (ids.size() < MAX_JOBS) {
            ids.add(id);
        }
    }

    /** The client has been told how this job ended, or that there is no such job. */
    void remove(String id) {
        ids.remove(id);
    }

    /** The client has become somebody else. */
    void clear() {
        ids.clear();
    }

    boolean any() {
        return !ids.isEmpty();
    }
}
