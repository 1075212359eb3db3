package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.access.Access;
import dev.heddle.access.TokenHash;
import dev.heddle.access.User;
import dev.heddle.access.Users;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.testing.RawClient;
import dev.heddle.testing.TestServer;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Two users who may do anything, {@code ada} and {@code bob}; each one's token is the name. */
final class UserPair {
    private UserPair() {}

    static Access access() throws IOException {
        return Access.of(new Users(List.of(user("ada"), user("bob"))));
    }

    private static User user(String name) {
        return new User(name, Optional.of(TokenHash.of(name)), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static RawClient connect(TestServer server, String user) throws IOException {
        RawClient client = server.connect();
        assertThat(client.call("AUTH", user, user)).isEqualTo(SimpleString.OK);
        return client;
    }
}
