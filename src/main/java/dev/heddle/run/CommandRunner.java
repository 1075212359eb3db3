package dev.heddle.run;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.platform.Invocation;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs commands: admits them, starts the program, supervises it in one structured scope and hands back the
 * result. One runner serves the whole server; each call runs on the thread of the client that asked.
 */
public final class CommandRunner {
    private final ProcessEngine engine;
    private final ThreadFactory threads;
    private final RunLimits limits;
    private final MemoryBudget budget;
    private final CommandSlots slots;
    private final CleanEnvironment environment = new CleanEnvironment(Invocation.environment());
    private final AtomicLong named = new AtomicLong();
    private final CommandCounts counts = new CommandCounts();
    private final CommandObserver observer;
    private volatile boolean stopping; // set once, by whoever stops the server

    /** A runner whose memory is for each of its users. */
    public CommandRunner(ProcessEngine engine, ThreadFactory threads, RunLimits limits,
                         List<CommandObserver> observers) {
        this(engine, threads, limits, observers, new MemoryBudget(limits.budgetBytes()));
    }

    /**
     * A runner with a budget that knows its users.
     *
     * @param observers are told what becomes of the commands
     * @param budget    in place of the one that the limits would make
     */
    public CommandRunner(ProcessEngine engine, ThreadFactory threads, RunLimits limits,
                         List<CommandObserver> observers, MemoryBudget budget) {
        this.engine = engine;
        this.threads = threads;
        this.limits = limits.withMaxRunning(Math.min(limits.maxRunning(), engine.maxProcesses()));
        this.budget = budget;
        slots = new CommandSlots(this.limits.maxRunning(), limits.maxWaiting(), limits.maxWait());
        // A lambda, and not a method's name: the flight recorder's classes are loaded with the first command.
        List<CommandObserver> all = new ArrayList<>();
        all.add(counts);
        all.add(start -> CommandEvent.of(start));
        all.addAll(observers);
        observer = new CommandObservers(all);
    }

    /**
     * Runs a command to its end and keeps its output. Blocks until the leader has ended, its group has been
     * signalled and its output is drained; an interrupt ends the command first.
     *
     * @return the result, to be closed once it has been sent
     * @throws RefusedException when the program cannot be started
     * @throws RefusedException when the server has no room for the command
     * @throws InterruptedException when the thread is interrupted; nothing of the command is left then
     */
    public CommandResult run(Caller origin, Command command, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        Captures captures = new Captures(command, budget.share(origin.user()));
        boolean finished = false;
        try {
            CommandResult result = captures.finish(run(origin, command, captures, cancellation));
            finished = true;
            return result;
        } finally {
            if (!finished) {
                captures.discard();
            }
        }
    }

    /**
     * The same for a command whose streams somebody serves while it runs: its own stdin and the limits of what
     * is kept do not apply.
     */
    public CommandEnd run(Caller origin, Command command, CommandStreams streams, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        if (!admit(origin, command, cancellation)) {
            return CommandEnd.NEVER_STARTED;
        }
        try {
            if (cancellation.isCancelled()) {
                observer.refused(origin, command, RefusedException.cancelled());
                return CommandEnd.NEVER_STARTED;
            }
            return runAdmitted(origin, command, streams, cancellation);
        } finally {
            slots.release();
            command.quota().ifPresent(Quota::leave);
        }
    }

    /** Takes a slot; false when the command was cancelled instead. */
    private boolean admit(Caller origin, Command command, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        RefusedException refusal = RefusedException.cancelled();
        boolean entered = false; // its user's quota
        boolean admitted = false;
        try {
            if (stopping) {
                throw RefusedException.busy("the server is stopping");
            }
            if (command.quota().isPresent()) {
                command.quota().get().enter();
                entered = true;
            }
            admitted = slots.acquire(cancellation);
            return admitted;
        } catch (RefusedException e) {
            refusal = e;
            throw e;
        } finally {
            if (!admitted) {
                if (entered) {
                    command.quota().get().leave();
                }
                observer.refused(origin, command, refusal);
            }
        }
    }

    private CommandEnd runAdmitted(Caller origin, Command command, CommandStreams streams,
                                   Cancellation cancellation) throws RefusedException, InterruptedException {
        Optional<StdinSource> stdin = streams.stdin();
        ProcessSpec spec = new ProcessSpec(command.argv(), command.directory().orElse(null),
                environment.with(command.environment()), stdin.isPresent(), command.mergeStderr());
        try (ChildProcess child = start(origin, command, spec)) {
            String name = "cmd-" + named.incrementAndGet();
            Supervision supervision = new Supervision(new CommandSignals(name, child, counts), command.timeout(), child,
                    streams, limits);
            CommandObserver.Ending ending =
                    observer.started(new CommandStart(name, child.pid(), origin, command));
            CommandEnd end = null;
            try {
                streams.started(supervision);
                end = supervision.run(threads, stdin, cancellation);
                return end;
            } finally {
                ending.ended(end == null ? supervision.abandon() : end);
            }
        }
    }

    private ChildProcess start(Caller origin, Command command, ProcessSpec spec)
            throws RefusedException, InterruptedException {
        try {
            return engine.start(spec);
        } catch (RefusedException e) {
            observer.refused(origin, command, e);
            throw e;
        } catch (InterruptedException e) {
            observer.refused(origin, command, RefusedException.cancelled());
            throw e;
        }
    }

    /** From now on commands are refused, but for those that are running or waiting already. */
    public void refuseNew() {
        stopping = true;
    }

    public ProcessEngine engine() {
        return engine;
    }

    /** The limits in force, the engine's own ceiling included. */
    public RunLimits limits() {
        return limits;
    }

    /** The PATH of commands that bring none, as {@link dev.heddle.platform.LosslessUtf8}. */
    public String searchPath() {
        return environment.searchPath();
    }

    public MemoryBudget budget() {
        return budget;
    }

    /** What became of the commands so far. */
    public CommandCounts counts() {
        return counts;
    }

    /** For whoever refuses a command before it gets here. */
    public CommandObserver observer() {
        return observer;
    }

    /** How many commands were ever started. */
    public long started() {
        return counts.started();
    }

    /** How many commands run now. */
    public int running() {
        return slots.running();
    }

    /** How many commands wait for one of these to end. */
    public int waiting() {
        return slots.waiting();
    }
}
