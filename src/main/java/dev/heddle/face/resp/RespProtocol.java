package dev.heddle.face.resp;

import dev.heddle.access.LoginCounts;
import dev.heddle.access.LoginListener;
import dev.heddle.net.ClientRegistry;
import dev.heddle.net.ClientSession;
import dev.heddle.net.ClientSocket;
import dev.heddle.net.Dismissal;
import dev.heddle.net.Protocol;
import dev.heddle.service.CommandService;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadFactory;

/** What all RESP sessions of a server share. */
public final class RespProtocol implements Protocol {
    private final CommandService service;
    private final ThreadFactory threads;
    private final RespSettings settings;
    private final ClientRegistry clients;
    private final LoginListener logins;
    private final VerbTable verbs = new VerbTable();
    private final VerbExecutor executor;

    /**
     * Makes the protocol of one server.
     *
     * @param clients     of all faces
     * @param loginCounts for INFO
     * @param logins      is told of each login; the counts are among its listeners
     */
    public RespProtocol(CommandService service, ThreadFactory threads, RespSettings settings,
                        ClientRegistry clients, LoginCounts loginCounts, LoginListener logins) {
        this.service = service;
        this.threads = threads;
        this.settings = settings;
        this.clients = clients;
        this.logins = logins;
        executor = new VerbExecutor(new ConnectionCommands(settings.access(), logins, settings.version()),
                new ClientCommand(clients), new ServerCommands(service, settings, clients, loginCounts, verbs),
                service);
        settings.access().onChange(this::endRevoked);
    }

    /** Disconnects at once the clients whose user or token is no longer valid, and ends what runs for them there. */
    private void endRevoked() {
        clients.sessions(RespSession.class).filter(session -> session.client().isRevoked())
                .forEach(RespSession::abort);
    }

    @Override
    public ClientSession open(long number, ClientSocket socket) {
        return new RespSession(this, new ClientState(number, socket, settings.access(), service), socket);
    }

    @Override
    public byte[] words(Dismissal why) {
        return ("-" + errorOf(why) + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The error reply, code and text, for a client that is disconnected. */
    static String errorOf(Dismissal why) {
        String code = switch (why.reason()) {
            case FULL, STOPPING, NO_THREAD, ADDRESS_FULL -> "BUSY";
            case NO_LOGIN, SLOW, IDLE, PLAINTEXT -> "ERR";
            case NOT_ALLOWED -> "DENIED";
        };
        return code + " " + why.text();
    }

    ThreadFactory threads() {
        return threads;
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

    LoginListener logins() {
        return logins;
    }
}
