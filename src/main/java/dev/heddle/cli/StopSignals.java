package dev.heddle.cli;

import java.util.concurrent.CountDownLatch;

import sun.misc.Signal;

/**
 * SIGTERM and SIGINT as a latch. A shutdown hook would not do: while hooks run the JVM is already on its way
 * out and its exit code is fixed.
 */
final class StopSignals {
    private StopSignals() {}

    /** From now on these signals do not end the JVM, but open the latch. */
    static CountDownLatch install() {
        CountDownLatch stop = new CountDownLatch(1);
        Signal.handle(new Signal("TERM"), signal -> stop.countDown());
        Signal.handle(new Signal("INT"), signal -> stop.countDown());
        return stop;
    }
}
