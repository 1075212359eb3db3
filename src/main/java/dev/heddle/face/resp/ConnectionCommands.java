package dev.heddle.face.resp;

import dev.heddle.access.Access;
import dev.heddle.access.LoginListener;
import dev.heddle.access.LoginResult;
import dev.heddle.access.User;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespVersion;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Executes the verbs that concern the connection itself; texts and replies as in Redis. */
final class ConnectionCommands {
    private static final RespValue PONG = new RespValue.SimpleString("PONG");
    private static final String WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
    private static final String TOO_MANY_FAILURES = "ERR too many failed logins, try again in a minute";

    private final Access access;
    private final LoginListener logins;
    private final String version;

    /** @param logins is told of each login, and of each that is refused */
    ConnectionCommands(Access access, LoginListener logins, String version) {
        this.access = access;
        this.logins = logins;
        this.version = version;
    }

    /** Logs in a client whose transport has proved who it is. */
    void arrive(ClientState client) {
        client.arrive();
        if (!access.isOpen()) {
            client.login().ifPresent(login -> logins.loggedIn(login.user().name(), client.peer()));
        }
    }

    void execute(Call call, ConnectionVerb verb) throws IOException, InterruptedException {
        switch (verb) {
            case ConnectionVerb.Ping ping -> ping(call, ping);
            case ConnectionVerb.Echo echo -> call.reply(new BulkString(echo.text()));
            case ConnectionVerb.Hello hello -> hello(call, hello);
            case ConnectionVerb.Auth auth -> auth(call, auth);
            case ConnectionVerb.WhoAmI whoAmI -> call.reply(BulkString.of(call.client().user()));
            case ConnectionVerb.Reset reset -> reset(call);
            case ConnectionVerb.Quit quit -> call.ok();
            case ConnectionVerb.Select select -> call.ok();
        }
    }

    private static void ping(Call call, ConnectionVerb.Ping ping) throws IOException {
        if (call.client().version() == RespVersion.RESP2 && call.client().channels() > 0) {
            call.reply(RespValue.ArrayReply.of(BulkString.of("pong"),
                    ping.text().map(BulkString::new).orElse(BulkString.of(""))));
        } else {
            call.reply(ping.text().isEmpty() ? PONG : new BulkString(ping.text().get()));
        }
    }

    private static void reset(Call call) throws IOException {
        call.subscriptions().clear();
        call.client().unfollowAll();
        call.client().reset();
        call.reply(new RespValue.SimpleString("RESET"));
    }

    private void auth(Call call, ConnectionVerb.Auth auth) throws IOException, InterruptedException {
        if (access.isOpen() && auth.user().isEmpty()) {
            call.error("ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?");
        } else if (logIn(call, auth)) {
            call.ok();
        }
    }

    /** Logs the client in, or answers why not. A client that has failed before, here or elsewhere, waits for it. */
    private boolean logIn(Call call, ConnectionVerb.Auth auth) throws IOException, InterruptedException {
        ClientState client = call.client();
        String user = auth.user().orElse(User.DEFAULT_NAME);
        if (client.isDismissed()) {
            call.error(TOO_MANY_FAILURES);
            return false;
        }
        LoginResult result = access.logIn(user, auth.password(), client.peer(), client.failedLogins());
        if (result instanceof LoginResult.Refused) {
            client.loginFailed();
            logins.refused(access.shownName(user), client.peer());
        }
        client.pause(result.delay());
        switch (result) {
            case LoginResult.Granted granted -> {
                if (!granted.login().user().name().equals(client.user())) {
                    call.subscriptions().clear(); // to jobs that are not the new user's
                    client.unfollowAll();
                }
                client.login(granted.login());
                logins.loggedIn(user, client.peer());
                return true;
            }
            case LoginResult.Refused refused -> call.error(WRONG_PASSWORD);
            case LoginResult.TooMany tooMany -> call.error(TOO_MANY_FAILURES);
        }
        return false;
    }

    private void hello(Call call, ConnectionVerb.Hello hello) throws IOException, InterruptedException {
        if (hello.login().isPresent() && !logIn(call, hello.login().get())) {
            return;
        }
        if (!call.client().authenticated()) {
            call.error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                    + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the"
                    + " RESP protocol version at the same time");
            return;
        }
        hello.name().ifPresent(call.client()::name);
        hello.version().ifPresent(call.client()::version);
        call.reply(greeting(call.client(), version));
    }

    private static RespValue greeting(ClientState client, String serverVersion) {
        Map<RespValue, RespValue> greeting = new LinkedHashMap<>();
        greeting.put(BulkString.of("server"), BulkString.of("heddle"));
        greeting.put(BulkString.of("version"), BulkString.of(serverVersion));
        greeting.put(BulkString.of("proto"), new RespValue.IntegerReply(client.version() == RespVersion.RESP3 ? 3 : 2));
        greeting.put(BulkString.of("id"), new RespValue.IntegerReply(client.id()));
        greeting.put(BulkString.of("mode"), BulkString.of("standalone"));
        greeting.put(BulkString.of("role"), BulkString.of("master"));
        greeting.put(BulkString.of("modules"), new RespValue.ArrayReply(List.of()));
        return RespValue.MapReply.of(greeting);
    }
}
