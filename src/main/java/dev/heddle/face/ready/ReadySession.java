package dev.heddle.face.ready;

import dev.heddle.access.Grant;
import dev.heddle.command.Caller;
import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;
import dev.heddle.memory.MemoryBudget;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Connection;
import dev.heddle.net.Dismissal;
import dev.heddle.net.RareWarning;
import dev.heddle.net.RequestWorker;
import dev.heddle.net.StopStep;
import dev.heddle.service.CommandRequest;
import dev.heddle.service.CommandService;
import dev.heddle.service.HeldResult;
import dev.heddle.service.Pending;
import dev.heddle.time.Cancellation;
import dev.heddle.time.Deadline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ready:// client. The bytes of one read are one command, because the protocol has no other border. While an answer
 * to {@code Ready|size} is awaited, the reading thread takes them for that.
 */
final class ReadySession implements ClientSession {
    private static final Logger LOG = LoggerFactory.getLogger(ReadySession.class);
    private static final RareWarning STRANGE = new RareWarning(LOG);
    private static final int MAX_COMMAND_BYTES = 1024;
    /** The most output that is sent as it is: the ancestor's client reads so much at once. */
    private static final int MAX_RAW_BYTES = 1024;
    /** The user of all commands: the protocol asks for no name. */
    private static final String USER = "anonymous";
    private static final int QUEUED_OVERHEAD_BYTES = 256; // the objects around a command that waits
    private static final byte[] NO_MEMORY = ascii("heddle: the memory for requests is used up, try again later\n");
    private static final byte[] NO_ANSWER = {};
    private static final String START = "Start";
    private static final byte[] SIZE_PREFIX = ascii("Ready|");
    private static final byte[] TOO_LONG = ascii("heddle: a command has at most " + MAX_COMMAND_BYTES + " bytes\n");
    /** For chunks with a NUL, which come from another protocol, whose next bytes might look like a command. */
    private static final byte[] NOT_TEXT = ascii("heddle: an argument contains a NUL byte\n");
    private static final byte[] NOT_RESP = ascii("-ERR this port speaks ready://, not RESP\r\n");

    private final CommandService service;
    private final Caller caller;
    private final MemoryBudget share;
    private final ReadyProtocol.Settings settings;
    private final ClientSocket socket;
    private final Connection connection;
    private final ProtocolDoubt doubt = new ProtocolDoubt();
    private final AtomicBoolean awaitingAnswer = new AtomicBoolean(); // the worker sets it, the whole answer clears it
    private final BlockingQueue<byte[]> answers = new ArrayBlockingQueue<>(1); // that answer, from reader to worker
    private byte[] answer = NO_ANSWER; // of the reader: what has come of it

    ReadySession(long number, CommandService service, ReadyProtocol.Settings settings, ClientSocket socket,
                 Connection connection) {
        this.service = service;
        caller = new Caller("ready", USER, socket.peer(), number);
        share = service.share(USER);
        this.settings = settings;
        this.socket = socket;
        this.connection = connection;
    }

    @Override
    public void run() throws IOException, InterruptedException {
        try (connection) {
            readChunks();
            connection.hangUp();
        }
    }

    private void readChunks() throws IOException, InterruptedException {
        byte[] buffer = new byte[MAX_COMMAND_BYTES + 1];
        int n;
        while ((n = socket.input().read(buffer)) >= 0) {
            byte[] chunk = Arrays.copyOf(buffer, n);
            if (awaitingAnswer.get()) {
                takeAnswer(chunk);
            } else if (connection.isFinishing()) {
                LOG.debug("{}: a command came too late", socket.peer());
            } else if (!take(chunk)) {
                return;
            }
        }
        doubt.end();
        answers.offer(NO_ANSWER); // the client cannot send Start any more
    }

    /** {@code Start} may come in pieces, and with a line break behind it. */
    private void takeAnswer(byte[] chunk) {
        int before = answer.length;
        answer = Arrays.copyOf(answer, before + chunk.length);
        System.arraycopy(chunk, 0, answer, before, chunk.length);
        if (answer.length >= START.length()) {
            awaitingAnswer.set(false);
            answers.offer(answer); // full only when the worker knows already that no Start comes
            answer = NO_ANSWER;
        }
    }

    /** Hands a chunk to the worker. False when the connection ends: what follows would be taken for a command. */
    private boolean take(byte[] chunk) throws IOException, InterruptedException {
        ProtocolSniffer.Verdict verdict = doubt.look(chunk);
        return switch (verdict) {
            case HTTP -> disconnect("an HTTP request on a ready port");
            case TLS -> disconnect("TLS on a ready port");
            case RESP -> refuse(NOT_RESP); // its client's password must reach neither a shell nor a log
            case COMMAND, UNDECIDED -> chunk.length > MAX_COMMAND_BYTES ? refuse(TOO_LONG)
                    : new String(chunk, StandardCharsets.ISO_8859_1).indexOf(0) >= 0 ? refuse(NOT_TEXT)
                    : submit(chunk, verdict == ProtocolSniffer.Verdict.COMMAND);
        };
    }

    private boolean submit(byte[] script, boolean decided) throws IOException, InterruptedException {
        if (share.tryReserve(script.length + QUEUED_OVERHEAD_BYTES)) {
            connection.submit(new Execution(script, decided));
        } else {
            connection.submit(() -> socket.output().write(NO_MEMORY));
        }
        return true;
    }

    /** Disconnects without a word, which could be read by the attacker who has made the client speak so. */
    private boolean disconnect(String why) {
        STRANGE.give(socket.peer(), why);
        doubt.refuse();
        connection.abort();
        return false;
    }

    private boolean refuse(byte[] refusal) throws IOException, InterruptedException {
        doubt.refuse();
        connection.submit(() -> socket.output().write(refusal));
        connection.closeAfterReplies();
        return false;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Runs a command and sends what it printed, on the worker. */
    private final class Execution implements RequestWorker.Task {
        private final byte[] script;
        private final boolean decided;
        private final Cancellation cancellation = new Cancellation();
        private final AtomicReference<Pending<HeldResult>> pending = new AtomicReference<>(); // until it runs
        private volatile boolean dropped; // any thread sets it, the reading thread reads it

        /** @param decided whether the script is known to be no other protocol */
        Execution(byte[] script, boolean decided) {
            this.script = script;
            this.decided = decided;
        }

        /** Asks for the command of a worker's first request, so that no thread waits for its start. */
        @Override
        public void whenReady(Runnable start) {
            if (!decided) {
                start.run();
                return;
            }
            try {
                Pending<HeldResult> command = ask();
                pending.set(command);
                if (dropped) { // meanwhile, by another thread
                    abandon();
                }
                command.whenReady(start);
            } catch (RefusedException e) {
                start.run(); // it is asked for again, and the client told
            }
        }

        private Pending<HeldResult> ask() throws RefusedException {
            Command command = Command.of(Command.shell(script, List.of()),
                    Command.OutputRules.keeping(service.keptBytes(OptionalLong.of(Long.MAX_VALUE))))
                    .within(settings.commandTimeout());
            return service.run(caller, Grant.ANYTHING, new CommandRequest(command, true, Optional.empty(), List.of()));
        }

        @Override
        public void run() throws IOException, InterruptedException {
            try {
                if (doubt.mayRun()) {
                    runScript();
                }
            } finally {
                dropped();
            }
        }

        private void runScript() throws IOException, InterruptedException {
            Pending<HeldResult> command = pending.getAndSet(null);
            try (HeldResult result = (command == null ? ask() : command).await(cancellation)
                    .orElseThrow()) { // a run without an ID has always one
                send(ReadyText.of(result.result()));
            } catch (RefusedException e) {
                send(List.of(ByteBuffer.wrap(("heddle: " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8))));
            }
        }

        private void abandon() {
            Pending<HeldResult> command = pending.getAndSet(null);
            if (command != null) {
                command.abandon();
            }
        }

        @Override
        public long bytes() {
            return script.length;
        }

        @Override
        public void cancel() {
            cancellation.cancel();
            doubt.end();
            answers.offer(NO_ANSWER); // in case the worker waits for a Start that will not come
        }

        @Override
        public void dropped() {
            dropped = true;
            abandon();
            share.release(script.length + QUEUED_OVERHEAD_BYTES);
        }
    }

    /** Runs on the worker. */
    private void send(List<ByteBuffer> output) throws IOException, InterruptedException {
        long length = output.stream().mapToLong(ByteBuffer::remaining).sum();
        if (length > MAX_RAW_BYTES || looksLikeSize(output)) {
            awaitingAnswer.set(true); // before the client can answer
            socket.output().write(ascii("Ready|" + length));
            if (!startCame()) {
                LOG.info("{}: no Start after Ready: disconnected", socket.peer());
                connection.abort();
                return;
            }
        }
        socket.output().write(output.toArray(ByteBuffer[]::new));
    }

    /** The client would take such output, which is short, for the announcement of some other output. */
    private static boolean looksLikeSize(List<ByteBuffer> output) {
        ByteBuffer first = ByteBuffer.allocate(MAX_RAW_BYTES);
        output.forEach(part -> first.put(part.duplicate()));
        return first.flip().remaining() >= SIZE_PREFIX.length
                && first.limit(SIZE_PREFIX.length).equals(ByteBuffer.wrap(SIZE_PREFIX));
    }

    private boolean startCame() throws InterruptedException {
        byte[] came = Deadline.in(settings.startTimeout()).poll(answers);
        return came != null && new String(came, StandardCharsets.ISO_8859_1).stripTrailing().equals(START);
    }

    @Override
    public boolean isBusy() {
        return connection.isBusy();
    }

    /** Says nothing: the client would take it for the output of its next command. */
    @Override
    public void dismiss(Dismissal why) {
        connection.finish();
    }

    @Override
    public void end(StopStep step) {
        switch (step) {
            case DRAIN, FINISH -> connection.finishWhenIdle(() -> true);
            case CANCEL_UNLESS_FOLLOWING, CANCEL -> connection.cancel();
            case ABORT -> connection.abort();
        }
    }
}
