package dev.heddle.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import sun.misc.Signal;

/**
 * The signals that end programs, in this program's own hands. A shutdown hook would not do: while hooks run the
 * JVM is already on its way out and its exit code is fixed. A signal that is ignored from the start (nohup)
 * stays so: the JVM sees to that.
 */
final class StopSignals {
    /** Takes a signal, on a thread of the JVM's for each. */
    interface Receiver {
        void received(String name, int number);
    }

    private static final List<Runnable> ON_HANG_UP = new CopyOnWriteArrayList<>(); // main adds, signals read

    private StopSignals() {}

    /**
     * What a server is asked by SIGTERM and SIGINT.
     *
     * @param stop  opened by the first of them
     * @param force opened by the second
     */
    record Requests(CountDownLatch stop, CountDownLatch force) {
        private void add() {
            if (stop.getCount() > 0) {
                stop.countDown();
            } else {
                force.countDown();
            }
        }
    }

    /** From now on SIGTERM and SIGINT do not end the JVM, but open the latches. */
    static Requests install() {
        Requests requests = new Requests(new CountDownLatch(1), new CountDownLatch(1));
        handle(List.of("TERM", "INT"), (name, number) -> {
            synchronized (requests) { // each signal has a thread; nothing blocks in here
                requests.add();
            }
        });
        return requests;
    }

    /**
     * From now on SIGHUP does not end the JVM, but runs this, and what was given before it, in that order, on a
     * thread of the JVM's: to read files again that have changed, or to open them anew.
     */
    static void onHangUp(Runnable action) {
        ON_HANG_UP.add(action);
        handle(List.of("HUP"), (name, number) -> ON_HANG_UP.forEach(Runnable::run));
    }

    /** From now on SIGINT, SIGTERM and SIGHUP do not end the JVM, but are told to the receiver. */
    static void forward(Receiver receiver) {
        handle(List.of("INT", "TERM", "HUP"), receiver);
    }

    private static void handle(List<String> names, Receiver receiver) {
        for (String name : names) {
            Signal.handle(new Signal(name), signal -> receiver.received(signal.getName(), signal.getNumber()));
        }
    }
}
