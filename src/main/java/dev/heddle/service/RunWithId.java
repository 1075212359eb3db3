package dev.heddle.service;

import dev.heddle.command.RefusedException;
import dev.heddle.job.Jobs;
import dev.heddle.job.RememberedRun;
import dev.heddle.time.Cancellation;

import java.util.Optional;

/** The result of a run that goes on whoever waits for it. */
record RunWithId(Jobs jobs, RememberedRun run) implements Pending<HeldResult> {
    @Override
    public String id() {
        return run.id();
    }

    @Override
    public void whenReady(Runnable action) {
        run.result().whenComplete((result, failure) -> action.run());
    }

    @Override
    public Optional<HeldResult> await(Cancellation wait) throws RefusedException, InterruptedException {
        boolean held = false;
        try {
            Optional<HeldResult> result = run.await(wait).map(kept -> new HeldResult(kept, run::letGo));
            held = result.isPresent();
            return result;
        } catch (RefusedException e) {
            jobs.awaitSettled(run);
            throw e;
        } finally {
            if (!held) {
                run.letGo();
            }
        }
    }

    @Override
    public void abandon() {
        run.letGo();
    }
}
