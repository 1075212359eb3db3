package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * {@code CLIENT}: the connection's own name and id, and a look at all clients; as in Redis. A user with a policy sees
 * those of his own name.
 */
final class ClientCommand implements RespCommand {
    /** What {@code CLIENT SETNAME} and {@code HELLO SETNAME} set, in the words of Redis. */
    static final String NAMES = "ClientState names";
    /** Of the line about a client, at most: three names, two addresses, one of a user, and some numbers. */
    private static final int LINE_BYTES = 2 << 10;
    /** Of each name that a client gives itself: the server keeps them for as long as the client is connected. */
    private static final int MAX_NAME_BYTES = 256;

    private final RespProtocol protocol;

    ClientCommand(RespProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public void execute(Call call) throws IOException {
        String subcommand = call.text(1).toUpperCase(Locale.ROOT);
        if (subcommand.equals("LIST")) {
            list(call);
            return;
        }
        if (subcommand.equals("KILL") && call.size() > 3) {
            kill(call);
            return;
        }
        switch (subcommand + "/" + call.size()) {
            case "ID/2" -> call.reply(new RespValue.IntegerReply(call.client().id()));
            case "GETNAME/2" -> call.reply(call.client().name().isEmpty()
                    ? RespValue.Null.NULL : BulkString.of(call.client().name()));
            case "SETNAME/3" -> setName(call);
            case "SETINFO/4" -> setInfo(call);
            case "INFO/2" -> call.reply(text(call.client().describe() + "\n"));
            case "KILL/3" -> killAddress(call);
            default -> call.error("ERR unknown subcommand or wrong number of arguments for '" + call.text(1)
                    + "'. Try ID, GETNAME, SETNAME, SETINFO, INFO, LIST, KILL.");
        }
    }

    /** Redis sends long texts as verbatim strings, which the writer makes bulk strings of in RESP2. */
    private static RespValue text(String text) {
        return new RespValue.Verbatim("txt", text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What is wrong with a word as a name, as an error reply; empty when nothing is.
     *
     * @param what as the reply calls it
     */
    static Optional<String> wrongName(String what, byte[] name) {
        if (name.length > MAX_NAME_BYTES) {
            return Optional.of("ERR " + what + " cannot be longer than " + MAX_NAME_BYTES + " bytes.");
        }
        for (byte b : name) {
            if (b < '!' || b > '~') {
                return Optional.of("ERR " + what + " cannot contain spaces, newlines or special characters.");
            }
        }
        return Optional.empty();
    }

    private static void setName(Call call) throws IOException {
        Optional<String> wrong = wrongName(NAMES, call.bytes(2));
        if (wrong.isPresent()) {
            call.error(wrong.get());
            return;
        }
        call.client().name(call.text(2));
        call.ok();
    }

    private static void setInfo(Call call) throws IOException {
        String value = call.text(3);
        Optional<String> wrong = wrongName(call.text(2), call.bytes(3));
        if (wrong.isPresent()) {
            call.error(wrong.get());
        } else if (call.is(2, "LIB-NAME")) {
            call.client().libraryName(value);
            call.ok();
        } else if (call.is(2, "LIB-VER")) {
            call.client().libraryVersion(value);
            call.ok();
        } else {
            call.error("ERR Unrecognized option '" + call.text(2) + "'");
        }
    }

    private void list(Call call) throws IOException {
        try {
            ClientFilter filter = ClientFilter.ofList(call);
            List<ClientState> chosen = protocol.sessions().stream().map(RespSession::client)
                    .filter(client -> call.client().oversees(client)).filter(filter.fits()).toList();
            call.sendCounted(chosen.size() * (long) LINE_BYTES, () -> text(chosen.stream()
                    .map(client -> client.describe() + "\n").collect(Collectors.joining())));
        } catch (ClientFilter.SyntaxException e) {
            call.error(e.getMessage());
        }
    }

    /** The old form, {@code CLIENT KILL ip:port}. */
    private void killAddress(Call call) throws IOException {
        Predicate<ClientState> fits = client -> client.peer().equals(call.text(2));
        if (kill(call, new ClientFilter(fits, false)) > 0) {
            call.ok();
        } else {
            call.error("ERR No such client");
        }
    }

    private void kill(Call call) throws IOException {
        try {
            call.reply(new RespValue.IntegerReply(kill(call, ClientFilter.ofKill(call))));
        } catch (ClientFilter.SyntaxException e) {
            call.error(e.getMessage());
        }
    }

    /** Ends the commands of others with them; whoever means himself is answered first. */
    private long kill(Call call, ClientFilter filter) {
        List<RespSession> chosen = protocol.sessions().stream()
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
