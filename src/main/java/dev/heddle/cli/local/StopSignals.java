package dev.heddle.cli.local;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Takes over the signals that end programs. A shutdown hook would not do: while hooks run the JVM is already on its way
 * out, and its exit code is fixed. A signal that was ignored from the start (nohup) stays ignored.
 */
public final class StopSignals {
    /** Receives a signal. */
    public interface Receiver {
        void received(String name, int number);
    }

    private static final Duration START_GRACE = Duration.ofSeconds(1);
    private static final List<Runnable> ON_HANG_UP = new CopyOnWriteArrayList<>(); // main adds, hang-up reads

    private static Optional<SignalThread> thread = Optional.empty(); // of a server; main's alone

    private StopSignals() {}

    /**
     * The requests that SIGTERM and SIGINT make: the first asks the server to stop, the second not to wait for
     * commands. A server that is not up yet gets a moment to come up; if it does not, the process ends, whatever the
     * start waits for.
     *
     * <p><b>Threading:</b> one thread starts and stops the server; other threads tell of signals.
     */
    public static final class Requests {
        private final CountDownLatch stop = new CountDownLatch(1);
        private final CountDownLatch force = new CountDownLatch(1);
        private final CountDownLatch up = new CountDownLatch(1);
        private final Object outcome = new Object(); // held while it is settled whether the server is up

        private Requests() {}

        /** Tells that the server is up, so that its owner stops it. Does not return when the process ends instead. */
        public void up() {
            synchronized (outcome) {
                up.countDown();
            }
        }

        public void awaitStop() throws InterruptedException {
            stop.await();
        }

        public void awaitForce() throws InterruptedException {
            force.await();
        }

        private void add() {
            boolean first;
            synchronized (stop) {
                first = stop.getCount() > 0;
                stop.countDown();
            }
            try {
                if (!up.await(first ? START_GRACE.toMillis() : 0, TimeUnit.MILLISECONDS)) {
                    exitUnlessUp();
                }
                if (!first) {
                    force.countDown();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // no code interrupts this thread
            }
        }

        private void exitUnlessUp() {
            synchronized (outcome) {
                if (up.getCount() > 0) {
                    System.exit(ExitCodes.OK); // no command was ended by force
                }
            }
        }
    }

    /** Lets SIGTERM and SIGINT no longer end the JVM, but become requests of the returned object. */
    public static Requests install() {
        Requests requests = new Requests();
        thread = SignalThread.start();
        onOneThread(List.of("TERM", "INT"), (name, number) -> requests.add());
        return requests;
    }

    /**
     * Lets SIGHUP no longer end the JVM, but run this action on a thread of its own, after the actions given before: to
     * read changed files again, or to open files anew. Signals that arrive meanwhile count as one.
     */
    public static void onHangUp(Runnable action) {
        ON_HANG_UP.add(action);
        if (ON_HANG_UP.size() == 1) {
            Semaphore hangUps = new Semaphore(0);
            Thread.ofPlatform().daemon().name("hang-up").start(() -> runOnHangUp(hangUps));
            onOneThread(List.of("HUP"), (name, number) -> hangUps.release());
        }
    }

    /** Runs the actions on a thread of their own: reading files may take long, and SIGTERM must not wait for that. */
    private static void runOnHangUp(Semaphore hangUps) {
        try {
            while (true) {
                hangUps.acquire();
                hangUps.drainPermits();
                ON_HANG_UP.forEach(StopSignals::runSafely);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no code interrupts this thread
        }
    }

    private static void runSafely(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LoggerFactory.getLogger(StopSignals.class).error("what SIGHUP asks for has failed", e);
        }
    }

    private static void onOneThread(List<String> names, Receiver receiver) {
        thread.ifPresentOrElse(signals -> names.forEach(name -> signals.tell(name, receiver)),
                () -> handle(names, receiver));
    }

    /** Lets SIGINT, SIGTERM and SIGHUP no longer end the JVM, but go to the receiver. */
    public static void forward(Receiver receiver) {
        handle(List.of("INT", "TERM", "HUP"), receiver);
    }

    private static void handle(List<String> names, Receiver receiver) {
        for (String name : names) {
            Signal.handle(new Signal(name), signal -> receiver.received(signal.getName(), signal.getNumber()));
        }
    }
}
