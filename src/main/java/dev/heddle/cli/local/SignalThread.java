package dev.heddle.cli.local;

import dev.heddle.process.linux.CaughtSignals;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Passes signals on, on a thread that is started before the first of them, so that none is lost where no thread can be
 * started.
 *
 * <p><b>Threading:</b> one thread calls {@link #tell}; receivers are called on the thread of this class alone.
 */
final class SignalThread {
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

    private record Watched(Signal signal, StopSignals.Receiver receiver) {}

    private final CaughtSignals caught;
    private volatile Watched[] all = {}; // main replaces it, the thread reads it

    private SignalThread(CaughtSignals caught) {
        this.caught = caught;
    }

    /** Starts the thread; empty where signals cannot be caught this way. */
    static Optional<SignalThread> start() {
        Optional<SignalThread> made = CaughtSignals.open().map(SignalThread::new);
        made.ifPresent(signals -> Thread.ofPlatform().daemon().name("signals").start(signals::work));
        return made;
    }

    /**
     * Tells the receiver of this signal from now on, within a tenth of a second unless another receiver blocks. No
     * receiver may block for more than a second.
     */
    void tell(String name, StopSignals.Receiver receiver) {
        Signal signal = new Signal(name);
        Watched[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = new Watched(signal, receiver);
        caught.watch(signal.getNumber());
        all = more;
    }

    private void work() {
        try {
            while (true) {
                for (Watched watched : all) {
                    look(watched);
                }
                TimeUnit.NANOSECONDS.sleep(LOOK_INTERVAL.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no code interrupts this thread
        }
    }

    private void look(Watched watched) {
        if (!caught.hasCome(watched.signal().getNumber())) {
            return;
        }
        try {
            watched.receiver().received(watched.signal().getName(), watched.signal().getNumber());
        } catch (OutOfMemoryError e) {
            caught.comeAgain(watched.signal().getNumber()); // told in the next round: to log it would take memory too
        } catch (RuntimeException | Error e) {
            LoggerFactory.getLogger(SignalThread.class)
                    .error("SIG{} has not been obeyed", watched.signal().getName(), e);
        }
    }
}
