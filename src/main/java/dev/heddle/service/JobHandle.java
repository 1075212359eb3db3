package dev.heddle.service;

import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.command.SignalOutcome;
import dev.heddle.job.Job;
import dev.heddle.job.Jobs;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.memory.Page;
import dev.heddle.time.Cancellation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A job in the hands of a caller whose job it is.
 *
 * <p><b>Threading:</b> any thread may call any method; those with a bound or a wait block.
 */
public final class JobHandle {
    private final Jobs jobs;
    private final Job job;

    JobHandle(Jobs jobs, Job job) {
        this.jobs = jobs;
        this.job = job;
    }

    public String id() {
        return job.id();
    }

    public Optional<String> name() {
        return job.name();
    }

    public Command command() {
        return job.command();
    }

    /** When the program started, or, before that, when it was asked for. */
    public Instant begun() {
        return job.begun();
    }

    /** When the job ended; empty while it runs. */
    public Optional<Instant> ended() {
        return job.ended();
    }

    /** How the job ended; empty while it runs. */
    public Optional<CommandEnd> end() {
        return job.end();
    }

    /** How many bytes the job has printed so far, kept or not. */
    public long outputBytes() {
        return job.log().total();
    }

    /** How many of them are not kept. */
    public long bytesLeftOut() {
        return job.log().bytesLeftOut();
    }

    /** Reads on from a cursor, see {@link dev.heddle.memory.OutputLog#read}. */
    public Page read(long cursor, int maxBytes, Duration maxWait, Cancellation wait, MemoryBudget reader)
            throws InterruptedException {
        return job.log().read(cursor, maxBytes, maxWait, wait, reader);
    }

    /** Waits for the end, at most so long and not once the wait is cancelled; empty if it has not come. */
    public Optional<CommandEnd> awaitEnd(Duration maxWait, Cancellation wait) throws InterruptedException {
        return job.awaitEnd(maxWait, wait);
    }

    /** Whether clients may write to its stdin: not if it was given with the command. */
    public boolean takesInput() {
        return job.takesInput();
    }

    /** Writes to the job's stdin, see {@link dev.heddle.job.PendingInput#write}. */
    public long write(long offset, byte[] bytes, Duration maxWait, Cancellation wait)
            throws RefusedException, InterruptedException {
        return job.write(offset, bytes, maxWait, wait);
    }

    /** Lets the program see the end of its input, behind what was written. */
    public void endInput() {
        job.input().end();
    }

    /**
     * Attaches a client to the job.
     *
     * @param from      the offset in the output to begin at
     * @param withInput whether the client may write to the job's stdin
     * @throws RefusedException when there is no memory for that
     */
    public void attach(Attachment<?> attachment, long from, boolean withInput) throws RefusedException {
        if (withInput && job.takesInput() && !attachment.reserveInput()) {
            throw RefusedException.busy("the memory for stdin is used up");
        }
        attachment.bind(job, from, withInput);
    }

    /** Sends a signal to the whole containment. There is no process before the start, nor after the end. */
    public SignalOutcome signal(int signal) {
        return job.signal(signal);
    }

    /** Drops the job if it has ended. Blocks no longer than a job takes to be settled. */
    public boolean remove() throws InterruptedException {
        return jobs.remove(job);
    }
}
