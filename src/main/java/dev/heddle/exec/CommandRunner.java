package dev.heddle.exec;

import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.StartException;

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
    private final ExecLimits limits;
    private final MemoryBudget budget;
    private final CommandSlots slots;
    private final CleanEnvironment environment = new CleanEnvironment(System.getenv());
    private final AtomicLong started = new AtomicLong();

    public CommandRunner(ProcessEngine engine, ThreadFactory threads, ExecLimits limits) {
        this.engine = engine;
        this.threads = threads;
        this.limits = limits.withMaxRunning(Math.min(limits.maxRunning(), engine.maxProcesses()));
        budget = new MemoryBudget(limits.budgetBytes());
        slots = new CommandSlots(this.limits.maxRunning(), limits.maxWaiting(), limits.maxWait());
    }

    /**
     * Runs a command to its end and keeps its output. Blocks until the leader has ended, its group has been
     * signalled and its output is drained; an interrupt ends the command first.
     *
     * @return the result, to be closed once it has been sent
     * @throws StartException when the program cannot be started
     * @throws BusyException when the server has no room for the command
     */
    public CommandResult run(Command command, Cancellation cancellation)
            throws StartException, BusyException, InterruptedException {
        Captures captures = new Captures(command, budget);
        boolean finished = false;
        try {
            CommandResult result = captures.finish(run(command, captures, cancellation));
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
    public CommandEnd run(Command command, CommandStreams streams, Cancellation cancellation)
            throws StartException, BusyException, InterruptedException {
        if (command.quota().isEmpty()) {
            return runWithinQuota(command, streams, cancellation);
        }
        command.quota().get().enter();
        try {
            return runWithinQuota(command, streams, cancellation);
        } finally {
            command.quota().get().leave();
        }
    }

    private CommandEnd runWithinQuota(Command command, CommandStreams streams, Cancellation cancellation)
            throws StartException, BusyException, InterruptedException {
        if (!slots.acquire(cancellation)) {
            return CommandEnd.NEVER_STARTED;
        }
        try {
            return cancellation.isCancelled()
                    ? CommandEnd.NEVER_STARTED : runAdmitted(command, streams, cancellation);
        } finally {
            slots.release();
        }
    }

    private CommandEnd runAdmitted(Command command, CommandStreams streams, Cancellation cancellation)
            throws StartException, InterruptedException {
        Optional<StdinSource> stdin = streams.stdin();
        ProcessSpec spec = new ProcessSpec(command.argv(), command.directory().orElse(null),
                environment.with(command.environment()), stdin.isPresent(), command.mergeStderr());
        try (ChildProcess child = engine.start(spec)) {
            String name = "cmd-" + started.incrementAndGet();
            Supervision supervision = new Supervision(name, command.timeout(), child, streams, limits);
            streams.started(supervision);
            return supervision.run(threads, stdin, cancellation);
        }
    }

    public ProcessEngine engine() {
        return engine;
    }

    /** The limits in force, the engine's own ceiling included. */
    public ExecLimits limits() {
        return limits;
    }

    /** The PATH of commands that bring none. */
    public String searchPath() {
        return environment.searchPath();
    }

    public MemoryBudget budget() {
        return budget;
    }

    /** How many commands were ever started. */
    public long started() {
        return started.get();
    }

    /** How many commands run now. */
    public int running() {
        return slots.running();
    }
}
