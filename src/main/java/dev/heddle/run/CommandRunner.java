package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.RefusedException;
import dev.heddle.command.ResourceLimits;
import dev.heddle.command.Stdio;
import dev.heddle.command.StopPolicy;
import dev.heddle.memory.CommandResult;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.platform.Invocation;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;
import dev.heddle.time.Cancellation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;

/**
 * Runs commands: admits them, starts the program, supervises it in one structured scope and hands back the result. One
 * runner serves the whole server.
 *
 * <p><b>Threading:</b> any thread may call any method; a command runs on the thread that calls {@code run}.
 */
public final class CommandRunner {
    private final ProcessEngine engine;
    private final ThreadFactory threads;
    private final RunLimits limits;
    private final MemoryBudget budget;
    private final Admission admission;
    private final CleanEnvironment environment = new CleanEnvironment(Invocation.environment());
    private final CommandCounts counts = new CommandCounts();
    private final CommandObserver observer;

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
        admission = Admission.open(new Admission.Bounds(this.limits.maxRunning(), limits.maxWaiting(),
                limits.maxWait(), engine.concurrentStarts()), engine::startsHang);
        // A lambda, and not a method's name: the flight recorder's classes are loaded with the first command.
        List<CommandObserver> all = new ArrayList<>();
        all.add(counts);
        all.add(start -> CommandEvent.of(start));
        all.addAll(observers);
        observer = new CommandObservers(all);
    }

    /**
     * Asks for the admission of a command, see {@link Admission#enter}. The observers hear of a refusal.
     *
     * @return the ticket for {@code run}, which closes it
     */
    public Ticket admit(Caller caller, Command command, OptionalInt maxOfUser) throws RefusedException {
        try {
            return admission.enter(caller, command.tags().name(), maxOfUser);
        } catch (RefusedException e) {
            observer.refused(caller, command, e);
            throw e;
        }
    }

    /**
     * Runs a command to its end and keeps its output. Blocks until it has been admitted, its leader has ended, its
     * group has been signalled and its output is drained; an interrupt ends the command first.
     *
     * @param ticket is closed in any case
     * @return the result, to be closed once it has been sent
     * @throws RefusedException     when the server has no room for the command, or the program cannot be started
     * @throws InterruptedException when the thread is interrupted; nothing of the command is left then
     */
    public CommandResult run(Ticket ticket, Caller caller, Command command, Cancellation cancellation)
            throws RefusedException, InterruptedException {
        Captures captures = new Captures(command, budget.share(caller.user()));
        try {
            return captures.finish(run(ticket, caller, command, captures, cancellation));
        } catch (RefusedException | InterruptedException | RuntimeException | Error e) {
            captures.discard();
            throw e;
        }
    }

    /**
     * Runs a command whose streams are served while it runs: its own stdin and the limits of what is kept do not
     * apply. Blocks and throws as the other {@code run}.
     */
    public CommandEnd run(Ticket ticket, Caller caller, Command command, CommandStreams streams,
                          Cancellation cancellation) throws RefusedException, InterruptedException {
        try (ticket) {
            Optional<StdinSource> stdin = streams.stdin();
            Optional<ChildProcess> started = start(ticket, caller, command, stdin.isPresent(), cancellation);
            if (started.isEmpty()) {
                return CommandEnd.NEVER_STARTED;
            }
            try (ChildProcess child = started.get()) {
                return supervise(new CommandStart(ticket.id(), child.pid(), caller, command), child, streams, stdin,
                        cancellation);
            }
        }
    }

    /** Starts the program as soon as it may be; the observers hear if it is not. Empty when it was cancelled before. */
    private Optional<ChildProcess> start(Ticket ticket, Caller caller, Command command, boolean stdin,
                                         Cancellation cancellation) throws RefusedException, InterruptedException {
        RefusedException refusal = RefusedException.cancelled();
        boolean started = false;
        try {
            if (!ticket.await(cancellation) || cancellation.isCancelled()) {
                return Optional.empty();
            }
            ChildProcess child = engine.start(new ProcessSpec(command.argv(), command.directory(),
                    environment.with(command.environment()), new Stdio.Pipes(stdin, command.output().mergeStderr()),
                    ResourceLimits.NONE));
            started = true;
            return Optional.of(child);
        } catch (RefusedException e) {
            refusal = e;
            throw e;
        } finally {
            ticket.startIsOver();
            if (!started) {
                observer.refused(caller, command, refusal);
            }
        }
    }

    private CommandEnd supervise(CommandStart start, ChildProcess child, CommandStreams streams,
                                 Optional<StdinSource> stdin, Cancellation cancellation) throws InterruptedException {
        Supervision supervision = new Supervision(new CommandSignals(start.id(), child, counts), child, streams,
                start.command().timeout(), StopPolicy.term(limits.killGrace()), limits.drainBound());
        CommandObserver.Ending ending = observer.started(start);
        CommandEnd end = null;
        try {
            streams.started(supervision);
            end = supervision.run(threads, stdin, cancellation);
            return end;
        } finally {
            ending.ended(end == null ? supervision.abandon() : end);
        }
    }

    public Admission admission() {
        return admission;
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

    public CommandCounts counts() {
        return counts;
    }

    /** Hears of commands that are refused before they get here. */
    public CommandObserver observer() {
        return observer;
    }
}
