package dev.heddle.cli.remote;

import dev.heddle.access.TokenFile;
import dev.heddle.access.User;
import dev.heddle.cli.value.LocalFile;
import dev.heddle.client.ErrorReplyException;
import dev.heddle.client.HeddleClient;
import dev.heddle.client.ServerAddress;
import dev.heddle.platform.Invocation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.Option;

/** The options for the user to log in as, and for the source of the token. */
final class CredentialOptions {
    @Option(names = "--user", paramLabel = "NAME",
            description = "Log in as this user. Default: $HEDDLE_USER, else " + User.DEFAULT_NAME + ".")
    private Optional<String> given;

    @Option(names = "--token-file", paramLabel = "FILE",
            description = "Log in with the token in this file. Default: $HEDDLE_PASSWORD, else the token in"
                    + " $HEDDLE_TOKEN_FILE, else, on this machine, the one that 'heddle serve' has made.")
    private Optional<Path> tokenFile;

    /**
     * Logs in, if there is a token for this server, to which the client is connected.
     *
     * @throws IOException also when the token is wrong
     * @throws ErrorReplyException when the server refuses for another reason
     */
    void logIn(HeddleClient client, ServerAddress server) throws IOException, ErrorReplyException {
        Optional<Token> token = token(client, server);
        if (token.isEmpty()) {
            return;
        }
        String user = given.or(() -> variable("HEDDLE_USER")).orElse(User.DEFAULT_NAME);
        try {
            client.authenticate(user, token.get().text());
        } catch (ErrorReplyException e) {
            if (e.code().equals("WRONGPASS")) { // the variable may have been set long ago
                throw new IOException("WRONGPASS user '" + user + "' with the token in " + token.get().source()
                        + " is refused", e);
            }
            throw e;
        }
    }

    private record Token(String text, String source) {} // the source is for messages

    private Optional<Token> token(HeddleClient client, ServerAddress server) throws IOException {
        if (tokenFile.isPresent()) {
            return Optional.of(read(tokenFile.get()));
        }
        Optional<String> password = variable(TokenFile.PASSWORD_VARIABLE);
        if (password.isPresent()) {
            return password.map(text -> new Token(text, TokenFile.PASSWORD_VARIABLE));
        }
        Optional<Path> named = LocalFile.ofVariable("HEDDLE_TOKEN_FILE");
        if (named.isPresent()) {
            return Optional.of(read(named.get()));
        }
        // This token is for the same user's server: it must not go anywhere else unasked.
        Optional<Path> own = standardFile().filter(Files::exists);
        return own.isPresent() && client.isOnThisMachine() && isThisUsers(server)
                ? Optional.of(read(own.get())) : Optional.empty();
    }

    private static Optional<Path> standardFile() {
        try {
            return TokenFile.standard(Invocation.environment());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no server can have made one there
        }
    }

    private static boolean isThisUsers(ServerAddress server) throws IOException {
        return switch (server) {
            case ServerAddress.Tcp tcp -> ListenerOwner.isThisUser(tcp.port());
            case ServerAddress.Tls tls -> ListenerOwner.isThisUser(tls.port());
            case ServerAddress.Unix none -> false; // there the server knows this user without a token
        };
    }

    private static Token read(Path file) throws IOException {
        try {
            return new Token(TokenFile.read(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new IOException("there is no token file " + file, e);
        }
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(Invocation.environment().get(name)).filter(text -> !text.isEmpty());
    }
}
