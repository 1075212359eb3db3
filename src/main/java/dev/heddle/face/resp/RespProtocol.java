package dev.heddle.face.resp;

import dev.heddle.access.LoginCounts;
import dev.heddle.access.LoginListener;
import dev.heddle.net.ClientCounts;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.LaneStarts;
import dev.heddle.net.Protocol;
import dev.heddle.service.CommandService;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** What all RESP sessions of a server share: its commands, its settings, and who is connected. */
public final class RespProtocol implements Protocol {
    private final CommandService service;
    private final ThreadFactory threads;
    private final LaneStarts laneStarts;
    private final RespSettings settings;
    private final ClientCounts clientCounts;
    private final LoginCounts loginCounts;
    private final LoginListener logins;
    private final VerbTable verbs = new VerbTable();
    private final VerbExecutor executor;
    private final AtomicLong connected = new AtomicLong();
    private final Map<Long, RespSession> sessions = new ConcurrentSkipListMap<>(); // by id, as CLIENT LIST shows

    /**
     * The protocol of one server.
     *
     * @param clientCounts of all listeners, for INFO
     * @param loginCounts  for INFO
     * @param logins       is told of each login; the counts are among its listeners
     */
    public RespProtocol(CommandService service, ThreadFactory threads, RespSettings settings,
                        ClientCounts clientCounts, LoginCounts loginCounts, LoginListener logins) {
        this.service = service;
        this.threads = threads;
        laneStarts = new LaneStarts(threads, otherwise -> true);
        this.settings = settings;
        this.clientCounts = clientCounts;
        this.loginCounts = loginCounts;
        this.logins = logins;
        executor = new VerbExecutor(this);
        settings.access().onChange(this::endRevoked);
    }

    /** Whose user or token is no more is disconnected at once, and what runs for him there ends. */
    private void endRevoked() {
        for (RespSession session : sessions.values()) {
            if (session.client().isRevoked()) {
                session.abort();
            }
        }
    }

    @Override
    public ClientSession open(ClientSocket socket) {
        ClientState client = new ClientState(connected.incrementAndGet(), socket, settings.access(), service);
        return new RespSession(this, client, socket);
    }

    void opened(RespSession session) {
        sessions.put(session.client().id(), session);
    }

    void closed(RespSession session) {
        sessions.remove(session.client().id());
    }

    @Override
    public byte[] refusal(String reason) {
        return ("-BUSY " + reason + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    CommandService service() {
        return service;
    }

    ThreadFactory threads() {
        return threads;
    }

    LaneStarts laneStarts() {
        return laneStarts;
    }

    RespSettings settings() {
        return settings;
    }

    VerbTable verbs() {
        return verbs;
    }

    VerbExecutor executor() {
        return executor;
    }

    /** The sessions there are now, oldest first. */
    Collection<RespSession> sessions() {
        return sessions.values();
    }

    ClientCounts clientCounts() {
        return clientCounts;
    }

    LoginCounts loginCounts() {
        return loginCounts;
    }

    LoginListener logins() {
        return logins;
    }
}
