package dev.heddle.cli.serve;

import dev.heddle.access.Access;
import dev.heddle.access.ShellWord;
import dev.heddle.access.TokenFile;
import dev.heddle.server.ListenAddress;
import dev.heddle.server.StartRules;
import dev.heddle.server.UnsafeStartException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import picocli.CommandLine.Option;

/** The options of {@code heddle serve} that decide which clients get in. */
final class AccessOptions {
    @Option(names = "--users", paramLabel = "FILE",
            description = "Users and what each may do; see 'heddle token'. Read again when it changes, and on SIGHUP.")
    private Optional<Path> users;

    @Option(names = "--no-auth", arity = "0..1", fallbackValue = "true", defaultValue = "false",
            paramLabel = "BOOL", description = "Let everybody on this machine run commands (loopback only).")
    private boolean noAuth;

    private Optional<Path> tokenFile = Optional.empty(); // set by open, when clients need the token in it

    /**
     * Makes the access control: from the users file, the password, or the token of this machine's user, which is made
     * now if there is none.
     *
     * @param addresses where the server will listen: without a listener that asks for it, no token is made
     * @throws UnsafeStartException when the options contradict each other
     * @throws IOException when a file cannot be used, or is open to others
     */
    Access open(List<ListenAddress> addresses, Map<String, String> environment)
            throws IOException, UnsafeStartException {
        Optional<String> password =
                Optional.ofNullable(environment.get(TokenFile.PASSWORD_VARIABLE)).filter(text -> !text.isEmpty());
        StartRules.requireOneWayIn(password.isPresent(), users.isPresent(), noAuth);
        if (noAuth || addresses.stream().noneMatch(address -> address.takesLogins())) {
            return Access.open();
        }
        if (users.isPresent()) {
            return Access.fromFile(users.get().toAbsolutePath());
        }
        if (password.isPresent()) {
            return Access.single(password.get());
        }
        Path file = TokenFile.standard(environment).orElseThrow(() -> new UnsafeStartException(
                "there is no folder for a token, because neither XDG_CONFIG_HOME nor HOME is set: set one of them or "
                        + TokenFile.PASSWORD_VARIABLE + ", or give --users FILE or --no-auth"));
        Access access = Access.single(TokenFile.readOrCreate(file));
        tokenFile = Optional.of(file);
        return access;
    }

    /** Returns the words for the start line. */
    String description(Access access) {
        return access.isOpen() ? "no authentication" : users.map(file -> "users of " + file)
                .orElse(tokenFile.isPresent() ? "token needed" : "password needed");
    }

    /** Returns a shell line that runs a command with redis-cli. The line reads the token, which is shown nowhere. */
    Optional<String> invitation(List<ListenAddress> addresses) {
        if (!noAuth && tokenFile.isEmpty()) {
            return Optional.empty(); // the operator who set the password or made the users knows how
        }
        return of(addresses, ListenAddress.Scheme.RESP)
                .map(address -> tokenFile.map(file -> "REDISCLI_AUTH=$(cat " + ShellWord.quote(file.toString()) + ") ")
                        .orElse("") + "redis-cli -h " + address.host() + " -p " + address.port() + " RUN uname")
                .or(() -> of(addresses, ListenAddress.Scheme.RESP_UNIX).flatMap(ListenAddress::file)
                        .map(file -> "redis-cli -s " + ShellWord.quote(file.toString()) + " RUN uname"));
    }

    private static Optional<ListenAddress> of(List<ListenAddress> addresses, ListenAddress.Scheme scheme) {
        return addresses.stream().filter(address -> address.scheme() == scheme).findFirst();
    }
}
