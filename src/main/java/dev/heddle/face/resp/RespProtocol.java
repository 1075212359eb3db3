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

/** Opens the RESP sessions of a server. */
public final class RespProtocol implements Protocol {
    private final CommandService service;
    private final ThreadFactory threads;
    private final RespSettings settings;
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
        executor = new VerbExecutor(new ConnectionCommands(settings.access(), logins, settings.version()),
                new ClientCommand(clients), new ServerCommands(service, settings, clients, loginCounts), service);
        settings.access().onChange(() -> clients.sessions(RespSession.class).forEach(RespSession::abortIfRevoked));
    }

    @Override
    public ClientSession open(long number, ClientSocket socket) {
        ClientState client = new ClientState(number, socket, settings.access(), service);
        return new RespSession(client, socket, executor, threads, settings);
    }

    @Override
    public byte[] words(Dismissal why) {
        return ("-" + ErrorTexts.of(why) + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
