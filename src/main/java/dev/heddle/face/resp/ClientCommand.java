package dev.heddle.face.resp;

import dev.heddle.net.ClientRegistry;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Executes {@code CLIENT}, as Redis does. A user with a policy sees and disconnects clients of their own name only. */
final class ClientCommand {
    /** Of the line about a client, at most: three names, two addresses, one of a user, and some numbers. */
    private static final int LINE_BYTES = 2 << 10;

    private final ClientRegistry clients;

    ClientCommand(ClientRegistry clients) {
        this.clients = clients;
    }

    void execute(Call call, ClientVerb verb) throws IOException {
        ClientState client = call.client();
        switch (verb) {
            case ClientVerb.Id id -> call.reply(new RespValue.IntegerReply(client.id()));
            case ClientVerb.GetName getName -> call.reply(client.name().isEmpty()
                    ? RespValue.Null.NULL : BulkString.of(client.name()));
            case ClientVerb.SetName set -> {
                client.name(set.name());
                call.ok();
            }
            case ClientVerb.SetLibraryName set -> {
                client.libraryName(set.name());
                call.ok();
            }
            case ClientVerb.SetLibraryVersion set -> {
                client.libraryVersion(set.version());
                call.ok();
            }
            case ClientVerb.Info info -> call.reply(text(client.describe() + "\n"));
            case ClientVerb.ListAll list -> list(call, list.filter());
            case ClientVerb.Kill kill -> call.reply(new RespValue.IntegerReply(kill(call, kill.filter())));
            case ClientVerb.KillAddress kill -> killAddress(call, kill.address());
        }
    }

    /** Makes a reply of a long text, as Redis does: a verbatim string, which becomes a bulk string in RESP2. */
    private static RespValue text(String text) {
        return new RespValue.Verbatim("txt", text.getBytes(StandardCharsets.UTF_8));
    }

    private void list(Call call, ClientFilter filter) throws IOException {
        List<ClientState> chosen = clients.sessions(RespSession.class).map(RespSession::client)
                .filter(client -> call.client().oversees(client)).filter(filter.fits()).toList();
        call.sendCounted(chosen.size() * (long) LINE_BYTES, () -> text(chosen.stream()
                .map(client -> client.describe() + "\n").collect(Collectors.joining())));
    }

    private void killAddress(Call call, String address) throws IOException {
        if (kill(call, new ClientFilter(client -> client.peer().equals(address), false)) > 0) {
            call.ok();
        } else {
            call.error("ERR No such client");
        }
    }

    /** Disconnects clients, and ends the commands of the others with them. The client that asks is answered first. */
    private long kill(Call call, ClientFilter filter) {
        List<RespSession> chosen = clients.sessions(RespSession.class)
                .filter(session -> call.client().oversees(session.client()) && filter.fits().test(session.client()))
                .filter(session -> !filter.sparesAsker() || session.client() != call.client()).toList();
        for (RespSession session : chosen) {
            if (session.client() == call.client()) {
                session.finish();
            } else {
                session.abort();
            }
        }
        return chosen.size();
    }
}
