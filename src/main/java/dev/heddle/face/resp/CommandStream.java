package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.CommandEnd;
import dev.heddle.command.SignalOutcome;
import dev.heddle.command.Signals;
import dev.heddle.net.ClientSocket;
import dev.heddle.process.ChildOutput;
import dev.heddle.resp.ProtocolException;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.run.Cancellation;
import dev.heddle.run.CommandRunner;
import dev.heddle.run.CommandStreams;
import dev.heddle.run.MemoryBudget;
import dev.heddle.run.RunningCommand;
import dev.heddle.run.StdinSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One {@code RUN STREAM} between its client and its program: output goes out as pushes while it comes, and what
 * the client sends meanwhile goes in. The command has a thread of its own; the lane sends what comes out of it;
 * the reading thread calls {@link #hear} and {@link #cutInput}. Lives from the request to its reply, and the lane
 * closes it.
 */
public final class CommandStream implements CommandStreams, AutoCloseable {
    private static final BulkString HEDDLE = BulkString.of("heddle");
    private static final BulkString OUT = BulkString.of("out");
    private static final BulkString ERR = BulkString.of("err");
    /** Of the text of a PING: its answer waits among the output, and the request is not kept for it. */
    private static final int MAX_PING_BYTES = 4 << 10;
    /** Signals that may come before the start: nobody needs more, and each is kept until then. */
    private static final int MAX_EARLY_SIGNALS = 16;

    private final ReplyWriter replies;
    private final ClientSocket socket;
    private final Cancellation cancellation;
    private final StreamedInput input;
    private final Outbox outbox;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<byte[]> givenStdin = Optional.empty(); // guarded by lock; it came with the request
    private boolean begun; // guarded by lock; it is known whether stdin came with the request
    private boolean cut; // guarded by lock; the client says nothing more
    private RunningCommand running; // guarded by lock; null until the start
    private final List<EarlySignal> earlySignals = new ArrayList<>(); // guarded by lock; came before the start
    private volatile BulkString id = BulkString.of(""); // set at the start

    /** A signal for a command that has not started, and as the client calls it. */
    private record EarlySignal(String name, int number) {}

    /** @param cancellation ends the command */
    CommandStream(ReplyWriter replies, ClientSocket socket, MemoryBudget budget, Cancellation cancellation) {
        this.replies = replies;
        this.socket = socket;
        this.cancellation = cancellation;
        outbox = new Outbox(budget);
        input = new StreamedInput(budget, this::credit, this::closedByProgram);
    }

    static Push push(String kind, RespValue... rest) {
        RespValue[] values = new RespValue[rest.length + 2];
        values[0] = HEDDLE;
        values[1] = BulkString.of(kind);
        System.arraycopy(rest, 0, values, 2, rest.length);
        return Push.of(values);
    }

    /**
     * Runs the command to its end and sends its pushes. On the lane; blocks. When it returns, nothing more is
     * heard, and the reply is next.
     *
     * @throws IOException when the client has gone; its command has ended then
     */
    CommandEnd run(CommandService service, CommandRequest request)
            throws RefusedException, IOException, InterruptedException {
        if (input.window() == 0) {
            throw RefusedException.busy("the memory for stdin is used up");
        }
        begin(command.stdin());
        FutureTask<CommandEnd> execution = new FutureTask<>(() -> {
            try {
                return runner.run(origin, command, this, cancellation);
            } finally {
                outbox.finish();
            }
        });
        Thread thread = threads.newThread(execution);
        thread.setName(Thread.currentThread().getName() + "-command");
        socket.patient(true); // a client that pauses, like `| less`, is no reason to end the command
        thread.start();
        try {
            for (List<Outbox.Item> items = outbox.take(); !items.isEmpty(); items = outbox.take()) {
                try {
                    replies.send(items);
                } finally {
                    outbox.sent(items);
                }
            }
            return end(execution);
        } finally {
            if (!execution.isDone()) { // this thread has failed, and the command must not stay behind
                cancellation.cancel();
                outbox.close();
                thread.join();
            }
        }
    }

    private static CommandEnd end(FutureTask<CommandEnd> execution)
            throws RefusedException, InterruptedException {
        try {
            return execution.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RefusedException refused -> throw refused;
                case InterruptedException interrupted -> throw interrupted;
                case Throwable other -> throw new IllegalStateException("a streaming command has failed", other);
            }
        }
    }

    private void begin(Optional<byte[]> stdin) {
        boolean incomplete;
        lock.lock();
        try {
            givenStdin = stdin;
            begun = true;
            incomplete = isIncomplete();
        } finally {
            lock.unlock();
        }
        if (incomplete) {
            cancellation.cancel();
        }
        if (stdin.isPresent()) {
            input.release();
        }
    }

    @Override
    public void started(RunningCommand command) throws InterruptedException {
        id = BulkString.of(command.name());
        lock.lock();
        try {
            outbox.add(push("started", id, new IntegerReply(givenStdin.isEmpty() ? input.window() : 0)));
            for (EarlySignal signal : earlySignals) { // under the lock: later ones come behind them
                if (!send(command, signal.name(), signal.number())) {
                    outbox.add(signaled(signal.name())); // those before it have ended the command, as they were to
                }
            }
            running = command;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ChildOutput.Sink stdout() {
        return sink(OUT);
    }

    @Override
    public ChildOutput.Sink stderr() {
        return sink(ERR);
    }

    private ChildOutput.Sink sink(BulkString kind) {
        return new ChildOutput.Sink() {
            @Override
            public void awaitRoom() throws InterruptedException {
                outbox.awaitRoom();
            }

            @Override
            public int room() {
                return outbox.room();
            }

            @Override
            public void accept(ByteBuffer bytes) {
                outbox.put(List.of(HEDDLE, kind, id), Chunk.of(bytes));
            }
        };
    }

    private void credit(int bytes) throws InterruptedException {
        outbox.add(push("window", id, new IntegerReply(bytes)));
    }

    private void closedByProgram() throws InterruptedException {
        outbox.add(push("closed", id));
    }

    @Override
    public Optional<StdinSource> stdin() {
        lock.lock();
        try {
            return givenStdin.isEmpty() ? Optional.of(input)
                    : givenStdin.filter(bytes -> bytes.length > 0).map(StdinSource::of);
        } finally {
            lock.unlock();
        }
    }

    /** After the run, or instead of it. */
    @Override
    public void close() {
        outbox.close();
        socket.patient(false);
        input.release();
    }

    /** How much memory is reserved for what the client may send. */
    int windowBytes() {
        return input.reservedBytes();
    }

    /** The client can say nothing more. If it has not said that its input is complete, that ends the command. */
    void cutInput() {
        boolean incomplete;
        lock.lock();
        try {
            cut = true;
            incomplete = isIncomplete();
        } finally {
            lock.unlock();
        }
        if (incomplete) {
            cancellation.cancel();
        }
    }

    /** Under the lock. */
    private boolean isIncomplete() {
        return cut && begun && givenStdin.isEmpty() && !input.isEnded();
    }

    /** Takes what the client says to the command; from the reading thread. False when the last push is out already. */
    boolean hear(StreamWord word) throws IOException, InterruptedException {
        return switch (word) {
            case StreamWord.Stdin stdin -> outbox.isOpen() && take(stdin.bytes());
            case StreamWord.Eof eof -> {
                input.end();
                yield outbox.isOpen();
            }
            case StreamWord.Signal signal -> outbox.isOpen() && signal(signal.name());
            case StreamWord.Detach detach ->
                    complain("DETACH: this command ends with its connection; a job is left with it");
        };
    }

    /** Answers a PING among the pushes; false when the last of them is out already. */
    boolean hear(ConnectionVerb.Ping ping) throws InterruptedException {
        if (ping.text().isEmpty()) {
            return outbox.add(push("pong"));
        }
        byte[] text = ping.text().get();
        return text.length > MAX_PING_BYTES
                ? complain("PING: a text beside a stream has at most " + MAX_PING_BYTES + " bytes")
                : outbox.add(push("pong", new BulkString(text)));
    }

    private boolean take(byte[] bytes) throws IOException, InterruptedException {
        if (hasGivenStdin()) {
            return complain("STDIN: the command's stdin came with it");
        }
        if (!input.put(bytes)) {
            cancellation.cancel();
            throw new ProtocolException("Protocol error: STDIN beyond the window");
        }
        return true;
    }

    private boolean hasGivenStdin() {
        lock.lock();
        try {
            return givenStdin.isPresent();
        } finally {
            lock.unlock();
        }
    }

    private boolean signal(String name) throws InterruptedException {
        OptionalInt signal = Signals.parse(name);
        if (signal.isEmpty()) {
            return complain("SIGNAL: there is no signal '" + name + "'");
        }
        RunningCommand command;
        lock.lock();
        try {
            command = running;
            if (command == null && earlySignals.size() < MAX_EARLY_SIGNALS) {
                earlySignals.add(new EarlySignal(name, signal.getAsInt())); // sent, and answered, at the start
                return true;
            }
        } finally {
            lock.unlock();
        }
        return command == null ? complain("SIGNAL: the command has not started, and enough signals wait for that")
                : send(command, name, signal.getAsInt());
    }

    /** False when it comes too late. */
    private boolean send(RunningCommand command, String name, int number) throws InterruptedException {
        if (!outbox.hold()) { // or the command could end by the signal before that is answered
            return false;
        }
        try {
            SignalOutcome outcome = command.signal(number);
            return switch (outcome) {
                case SENT -> outbox.add(signaled(name));
                case REFUSED, PARTLY_REFUSED -> complain(RunErrors.notPermitted(name, outcome));
                case NO_PROCESS -> false;
            };
        } finally {
            outbox.letGo();
        }
    }

    private Push signaled(String name) {
        return push("signaled", id, BulkString.of(name));
    }

    private boolean complain(String text) throws InterruptedException {
        return outbox.add(push("error", id, BulkString.of(text)));
    }
}
