package dev.heddle.face.ready;

import dev.heddle.face.ready.ProtocolSniffer.Verdict;
import dev.heddle.time.Deadline;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/**
 * Decides whether a client speaks ready:// at all. Browsers, and programs that fetch what others name, can be made to
 * connect to any port; what they send must not run. A request may come in pieces, and its first piece may look like a
 * command: so the first command of a connection, if it could still become a request, waits a moment for the rest.
 *
 * <p><b>Threading:</b> the reading thread looks at chunks and refuses; the worker waits; any thread may end the wait.
 */
final class ProtocolDoubt {
    /** A line that no user types as a command; HTTP/0.9 has no version behind it. */
    private static final Pattern REQUEST = Pattern.compile(
            "\\s*(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) .*", Pattern.DOTALL);
    /** The first words of HTTP and RESP, which hardly any command has: a method in capitals, and the array's mark. */
    private static final Pattern UNUSUAL = Pattern.compile("\\s*([A-Z][A-Z-]*|\\*[0-9]*)(\\s.*)?", Pattern.DOTALL);
    private static final Duration USUAL_WAIT = Duration.ofMillis(100);
    private static final Duration UNUSUAL_WAIT = Duration.ofSeconds(2);

    private final ProtocolSniffer connection = new ProtocolSniffer(); // the reading thread's
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<State> state = new AtomicReference<>(State.DOUBT);
    private Optional<Deadline> deadline = Optional.empty(); // set before the worker, which waits, has the first command

    /** DOUBT becomes one of the others, once: the first decision counts. */
    private enum State { DOUBT, RUNS, REFUSED }

    /** What the client speaks: by this chunk alone, or by all that it has sent together. */
    Verdict look(byte[] chunk) {
        String text = new String(chunk, StandardCharsets.ISO_8859_1);
        if (deadline.isEmpty()) {
            deadline = Optional.of(Deadline.in(UNUSUAL.matcher(text).matches() ? UNUSUAL_WAIT : USUAL_WAIT));
        }
        Verdict together = connection.feed(chunk);
        Verdict alone = REQUEST.matcher(text).matches() ? Verdict.HTTP : new ProtocolSniffer().feed(chunk);
        if (together == Verdict.COMMAND) {
            end();
        }
        return switch (alone) {
            case HTTP, TLS, RESP -> alone;
            case COMMAND, UNDECIDED -> together;
        };
    }

    /** Waits until nothing is in doubt. False when it has turned out that nothing of this client may run. */
    boolean mayRun() throws InterruptedException {
        deadline.orElseThrow().await(over);
        return state.compareAndSet(State.DOUBT, State.RUNS) || state.get() == State.RUNS;
    }

    /** Ends the doubt: what has come are commands, or nothing more will come. */
    void end() {
        state.compareAndSet(State.DOUBT, State.RUNS);
        over.countDown();
    }

    /** What still waits does not run, because the client is refused. What was in no doubt any more goes on. */
    void refuse() {
        state.compareAndSet(State.DOUBT, State.REFUSED);
        over.countDown();
    }
}
