package dev.heddle.service;

import dev.heddle.command.RefusedException;
import dev.heddle.job.Job;
import dev.heddle.job.Jobs;
import dev.heddle.time.Cancellation;

import java.util.Optional;

/** A job until its program runs. It goes on without the caller who has asked for it. */
record StartingJob(Jobs jobs, Job job) implements Pending<JobHandle> {
    @Override
    public String id() {
        return job.id();
    }

    @Override
    public void whenReady(Runnable action) {
        job.started().whenComplete((started, failure) -> action.run());
    }

    @Override
    public Optional<JobHandle> await(Cancellation wait) throws RefusedException, InterruptedException {
        try {
            return job.awaitStart(wait) ? Optional.of(new JobHandle(jobs, job)) : Optional.empty();
        } catch (RefusedException e) {
            jobs.awaitSettled(job);
            throw e;
        }
    }

    @Override
    public void abandon() {
        // Nothing is held for the caller.
    }
}
