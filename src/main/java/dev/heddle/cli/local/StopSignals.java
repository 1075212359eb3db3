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
 * The signals that end programs, in this program's own hands. A shutdown hook would not do: while hooks run the
 * JVM is already on its way out and its exit code is fixed. A signal that is ignored from the start (nohup)
 * stays so.
 */
public final class StopSignals {
    /** Takes a signal. */
    public interface Receiver {
        void received(String name, int number);
    }

    private static final Duration START_GRACE = Duration.ofSeconds(1);
    private static final List<Runnable> ON_HANG_UP = new CopyOnWriteArrayList<>(); // main adds, hang-up reads

    private static Optional<SignalThread> thread = Optional.empty(); // of a server; main's alone

    private StopSignals() {}

    /**
     * What a server is asked by SIGTERM and SIGINT: by the first to stop, by the second not to wait for commands. A
     * server that is not up yet gets a moment to come up, and is ended if it does not, whatever its start waits for.
     *
     * <p><b>Threading:</b> one thread starts and stops the server; signals are told by others.
     */
    public static final class Requests {
        private final CountDownLatch stop = new CountDownLatch(1);
        private final CountDownLatch force = new CountDownLatch(1);
        private final CountDownLatch up = new CountDownLatch(1);
        private final Object outcome = new Object(); // held while it is settled whether the server is up

        private Requests() {}

        /** The server is up: from now on its owner stops it. Does not return when the process ends instead. */
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
                Thread.currentThread().interrupt(); // nobody does that
            }
        }

        private void exitUnlessUp() {
            synchronized (outcome) {
                if (up.getCount() > 0) {
                    System.exit(ExitCodes.OK); // as after every stop that has ended no command by force
                }
            }
        }
    }

    /** From now on SIGTERM and SIGINT do not end the JVM, but are told to whom this returns. */
    public static Requests install() {
        Requests requests = new Requests();
        thread = SignalThread.start();
        onOneThread(List.of("TERM", "INT"), (name, number) -> requests.add());
        return requests;
    }

    /**
     * From now on SIGHUP does not end the JVM, but runs this, and what was given before it, in that order, on a thread
     * for that: to read files again that have changed, or to open them anew. Signals that come meanwhile count as one.
     */
    public static void onHangUp(Runnable action) {
        ON_HANG_UP.add(action);
        if (ON_HANG_UP.size() == 1) {
            Semaphore hangUps = new Semaphore(0);
            Thread.ofPlatform().daemon().name("hang-up").start(() -> runOnHangUp(hangUps));
            onOneThread(List.of("HUP"), (name, number) -> hangUps.release());
        }
    }

    /** Not where signals are told: whoever reads files may wait for them for long, and SIGTERM must not. */
    private static void runOnHangUp(Semaphore hangUps) {
        try {
            while (true) {
                hangUps.acquire();
                hangUps.drainPermits();
                ON_HANG_UP.forEach(StopSignals::runSafely);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
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
        if (thread.isEmpty()) {
            handle(names, receiver);
        }
        thread.ifPresent(signals -> names.forEach(name -> signals.tell(name, receiver)));
    }

    /** From now on SIGINT, SIGTERM and SIGHUP do not end the JVM, but are told to the receiver. */
    public static void forward(Receiver receiver) {
        handle(List.of("INT", "TERM", "HUP"), receiver);
    }

    private static void handle(List<String> names, Receiver receiver) {
        for (String name : names) {
            Signal.handle(new Signal(name), signal -> receiver.received(signal.getName(), signal.getNumber()));
        }
    }
}
