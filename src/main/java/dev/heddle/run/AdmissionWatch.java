package dev.heddle.run;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that lets {@link Admission} refuse those who have waited for too long. It sleeps while nobody waits. */
record AdmissionWatch(Admission admission) implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionWatch.class);

    @Override
    public void run() {
        while (true) {
            try {
                admission.awaitOverdue();
                admission.refuseOverdue();
            } catch (InterruptedException | RuntimeException | Error e) { // nobody interrupts it
                LOG.error("watching those who wait for their commands has failed; it goes on", e);
            }
        }
    }
}
