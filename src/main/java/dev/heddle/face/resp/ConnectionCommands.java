package dev.heddle.face.resp;

import dev.heddle.access.Access;
import dev.heddle.access.LoginResult;
import dev.heddle.access.User;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespVersion;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands that concern the connection itself; texts and replies as in Redis. */
final class ConnectionCommands {
    private static final RespValue PONG = new RespValue.SimpleString("PONG");
    private static final String WRONG_PASSWORD =
            "WRONGPASS invalid username-password pair or user is disabled.";
    private static final String TOO_MANY_FAILURES =
            "ERR too many failed logins, try again in a minute";

    private final RespProtocol protocol;

    ConnectionCommands(RespProtocol protocol) {
        this.protocol = protocol;
    }

    void ping(Call call) throws IOException {
        if (call.size() > 2) {
            call.error("ERR wrong number of arguments for 'ping' command");
        } else if (call.client().version() == RespVersion.RESP2 && call.subscriptions().count() > 0) {
            call.reply(RespValue.ArrayReply.of(BulkString.of("pong"),
                    call.size() == 1 ? BulkString.of("") : new BulkString(call.bytes(1))));
        } else {
            call.reply(call.size() == 1 ? PONG : new BulkString(call.bytes(1)));
        }
    }

    /**
     * STDIN, EOF or SIGNAL when nothing streams. A client that has streamed could not know that its command had
     * ended, and waits for no reply; to any other it is a mistake.
     */
    void tooLate(Call call) throws IOException {
        if (call.client().hasStreamed()) {
            call.reply(CommandStream.push("ignored", new BulkString(call.bytes(0))));
        } else {
            call.error("ERR no command streams on this connection: see RUN STREAM");
        }
    }

    void echo(Call call) throws IOException {
        call.reply(new BulkString(call.bytes(1)));
    }

    void select(Call call) throws IOException {
        switch (call.text(1)) {
            case "0" -> call.ok();
            case String index when index.matches("-?[0-9]+") -> call.error("ERR DB index is out of range");
            case String other -> call.error("ERR invalid DB index");
        }
    }

    void reset(Call call) throws IOException {
        call.subscriptions().clear();
        call.client().followedJobs().clear();
        call.client().reset();
        call.reply(new RespValue.SimpleString("RESET"));
    }

    void quit(Call call) throws IOException {
        call.ok();
    }

    /** {@code ACL WHOAMI}; the rules themselves are the operator's, in a file. */
    void acl(Call call) throws IOException {
        if (call.is(1, "WHOAMI") && call.size() == 2) {
            call.reply(BulkString.of(call.client().user()));
        } else {
            call.error("ERR unknown subcommand or wrong number of arguments for '" + call.text(1)
                    + "'. Try WHOAMI.");
        }
    }

    void auth(Call call) throws IOException, InterruptedException {
        if (call.size() > 3) {
            call.error("ERR syntax error");
        } else if (access().isOpen() && call.size() == 2) {
            call.error("ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?");
        } else if (logIn(call, call.size() == 3 ? call.text(1) : User.DEFAULT_NAME, call.bytes(call.size() - 1))) {
            call.ok();
        }
    }

    private Access access() {
        return protocol.settings().access();
    }

    /** Logs the client in, or answers why not. A client that has failed before, here or elsewhere, is kept waiting. */
    private boolean logIn(Call call, String user, byte[] token) throws IOException, InterruptedException {
        ClientState client = call.client();
        if (client.isDismissed()) {
            call.error(TOO_MANY_FAILURES);
            return false;
        }
        LoginResult result = access().logIn(user, token, client.peer(), client.failedLogins());
        if (result instanceof LoginResult.Refused) {
            client.loginFailed();
            protocol.logins().refused(access().shownName(user), client.peer());
        }
        client.pause(result.delay());
        switch (result) {
            case LoginResult.Granted granted -> {
                if (!granted.login().user().name().equals(client.user())) {
                    call.subscriptions().clear(); // to jobs that are not the new user's
                    client.followedJobs().clear();
                }
                client.login(granted.login());
                protocol.logins().loggedIn(user, client.peer());
                return true;
            }
            case LoginResult.Refused refused -> call.error(WRONG_PASSWORD);
            case LoginResult.TooMany tooMany -> call.error(TOO_MANY_FAILURES);
        }
        return false;
    }

    /** {@code HELLO [version [AUTH user password] [SETNAME name]]}: all of it takes effect, or nothing. */
    void hello(Call call) throws IOException, InterruptedException {
        RespVersion version = call.client().version();
        if (call.size() > 1) {
            switch (call.text(1)) {
                case "2" -> version = RespVersion.RESP2;
                case "3" -> version = RespVersion.RESP3;
                case String number when number.matches("-?[0-9]{1,18}") -> {
                    call.error("NOPROTO unsupported protocol version");
                    return;
                }
                case String other -> {
                    call.error("ERR Protocol version is not an integer or out of range");
                    return;
                }
            }
        }
        String name = null;
        int credentials = 0;
        int i = 2;
        while (i < call.size()) {
            if (call.is(i, "AUTH") && i + 2 < call.size()) {
                credentials = i + 1;
                i += 3;
            } else if (call.is(i, "SETNAME") && i + 1 < call.size()) {
                Optional<String> wrong = ClientCommand.wrongName(ClientCommand.NAMES, call.bytes(i + 1));
                if (wrong.isPresent()) {
                    call.error(wrong.get());
                    return;
                }
                name = call.text(i + 1);
                i += 2;
            } else {
                call.error("ERR Syntax error in HELLO option '" + call.text(i) + "'");
                return;
            }
        }
        if (credentials > 0 && !logIn(call, call.text(credentials), call.bytes(credentials + 1))) {
            return;
        }
        if (!call.client().authenticated()) {
            call.error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                    + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the"
                    + " RESP protocol version at the same time");
            return;
        }
        if (name != null) {
            call.client().name(name);
        }
        call.client().version(version);
        call.reply(greeting(call.client(), protocol.settings().version()));
    }

    private static RespValue greeting(ClientState client, String serverVersion) {
        Map<RespValue, RespValue> greeting = new LinkedHashMap<>();
        greeting.put(BulkString.of("server"), BulkString.of("heddle"));
        greeting.put(BulkString.of("version"), BulkString.of(serverVersion));
        greeting.put(BulkString.of("proto"),
                new RespValue.IntegerReply(client.version() == RespVersion.RESP3 ? 3 : 2));
        greeting.put(BulkString.of("id"), new RespValue.IntegerReply(client.id()));
        greeting.put(BulkString.of("mode"), BulkString.of("standalone"));
        greeting.put(BulkString.of("role"), BulkString.of("master"));
        greeting.put(BulkString.of("modules"), new RespValue.ArrayReply(List.of()));
        return RespValue.MapReply.of(greeting);
    }
}
