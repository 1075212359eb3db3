package dev.heddle.client;

import dev.heddle.resp.RespValue;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs commands on a server over one connection. Its calls block. The caller that connected closes it.
 *
 * {@snippet :
 * try (HeddleClient client = HeddleClient.connect(host, port, Duration.ofSeconds(5))) {
 *     // The whole output at the end, up to a limit that the request may set.
 *     RunResult result = client.run(RunRequest.program(List.of("uname", "-s")).withTimeout(Duration.ofSeconds(10)));
 *     switch (result.outcome()) {
 *         case Outcome.Exited(int code) -> System.out.println(code + " " + new String(result.stdout(), UTF_8));
 *         case Outcome.Signaled(int signal) -> System.out.println("killed by signal " + signal);
 *         case Outcome.TimedOut() -> System.out.println("not within ten seconds");
 *         case Outcome.Cancelled() -> System.out.println("the server has stopped");
 *     }
 *
 *     // Input and output as they come, of any length.
 *     try (StreamedRun sort = client.stream(RunRequest.program(List.of("sort", "-u")))) {
 *         sort.feed(input);
 *         sort.await(output, System.err);
 *     }
 *
 *     // Work that outlives this connection; the ID makes it safe to send the request again.
 *     RemoteJob job = client.startJob(RunRequest.script("sleep 1; date", List.of()).withStdin(new byte[0])
 *             .withId("nightly-42"));
 *     Outcome outcome = job.follow(0, JobSink.of(output, System.err));
 * }
 * }
 *
 * <p><b>Waiting.</b> A call waits for its reply for the read time-out, 30 seconds at first, on top of the time that the
 * server was asked to take ({@link RunRequest#timeout}, or the time given to the call). {@link #run} without a time-out
 * of its own, and a {@link StreamedRun}, wait for as long as the command takes. TCP keepalive ends the wait for a
 * server that has vanished within about a minute.
 *
 * <p><b>Ending a wait.</b> {@link #close} from any thread ends a call under way with an {@link IOException} and, on the
 * server, its command; over a Unix-domain socket that is after the server's hang-up grace. Interrupting the calling
 * thread has this effect too; its interrupt status stays set.
 *
 * <p><b>Errors.</b> Every call throws {@link ErrorReplyException} when the server answers with an error, for example
 * because it would not or could not start a command: nothing was done, and the connection can still be used. It throws
 * {@link IOException} when the connection broke, timed out, or brought an invalid reply: the connection is closed then,
 * and whether the command ran is unknown. Connect again, and send the request again if it had an ID.
 *
 * <p><b>Threading:</b> one thread at a time makes calls, and owns what they return.
 */
public final class HeddleClient implements Closeable {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    private final ServerConnection connection;

    private HeddleClient(ServerConnection connection) {
        this.connection = connection;
    }

    /**
     * Connects by TCP without encryption to the first address of a name that answers. Blocks for at most the time-out
     * for each address.
     *
     * @param timeout 1 ms to 24 days
     * @throws IOException when the server cannot be reached
     */
    public static HeddleClient connect(String host, int port, Duration timeout) throws IOException {
        return connect(new ServerAddress.Tcp(host, port), timeout);
    }

    /**
     * Connects to a server; by TCP and TLS to the first address of its name that answers. Blocks for at most the
     * time-out for each address, and with TLS as long again while the server is silent. A Unix-domain socket blocks
     * while the server does not accept.
     *
     * @param timeout 1 ms to 24 days
     * @throws javax.net.ssl.SSLException when the server cannot be trusted, or does not speak TLS
     * @throws IOException when the server cannot be reached
     */
    public static HeddleClient connect(ServerAddress address, Duration timeout) throws IOException {
        return new HeddleClient(new ServerConnection(Wire.open(address, timeout), READ_TIMEOUT));
    }

    /** Sets how long calls wait for the server from now on: from 1 ms on; zero for ever. */
    public void readTimeout(Duration timeout) {
        connection.readTimeout(timeout);
    }

    /** Logs in as the user {@code default}. A server without authentication takes any password. */
    public void authenticate(String password) throws IOException, ErrorReplyException {
        authenticate("default", password);
    }

    /**
     * Logs in.
     *
     * @param token the user's token, or a password
     * @throws ErrorReplyException when there is no such user, or the token is not theirs
     */
    public void authenticate(String user, String token) throws IOException, ErrorReplyException {
        connection.call(RequestWords.of("AUTH", user, token));
    }

    /** Tells whether the other end is a process of this machine: behind a loopback address or a Unix-domain socket. */
    public boolean isOnThisMachine() {
        return connection.isOnThisMachine();
    }

    /** Runs a command and waits for its end. */
    public RunResult run(RunRequest request) throws IOException, ErrorReplyException {
        Duration work = request.timeout().orElse(ServerConnection.FOR_EVER);
        return ReplyStream.runResult(connection.call(request.runWords(), work));
    }

    /**
     * Starts a command whose output comes as it is printed. Until it has ended this client takes no other call.
     *
     * @param request without an ID, and without a limit of kept output
     */
    public StreamedRun stream(RunRequest request) throws IOException, ErrorReplyException {
        return StreamedRun.start(connection, request.streamWords());
    }

    /**
     * Starts a command that outlives this connection, and returns when it runs. Its stdin is open unless the request
     * brings it.
     */
    public RemoteJob startJob(RunRequest request) throws IOException, ErrorReplyException {
        return job(ReplyStream.text(connection.call(request.jobWords())));
    }

    /** Returns a job by its ID or name. Does not ask the server whether there is one. */
    public RemoteJob job(String id) {
        return new RemoteJob(connection, id);
    }

    /** Returns the jobs of this user that the server knows, ended ones included; the oldest first. */
    public List<JobInfo> jobs() throws IOException, ErrorReplyException {
        List<JobInfo> jobs = new ArrayList<>();
        for (RespValue job : ReplyStream.array(connection.call(RequestWords.of("JOB", "LIST")), 0)) {
            jobs.add(ReplyStream.jobInfo(job));
        }
        return jobs;
    }

    /** Ends the connection and the commands under way on it, except jobs and commands with an ID; from any thread. */
    @Override
    public void close() throws IOException {
        connection.close();
    }
}
