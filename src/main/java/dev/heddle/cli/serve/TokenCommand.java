package dev.heddle.cli.serve;

import dev.heddle.access.TokenFile;
import dev.heddle.access.TokenHash;
import dev.heddle.access.User;
import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heddle token}: makes a token, and the lines of the users file that go with it. */
@Command(name = "token", description = "Make a token for a user.", sortOptions = false,
        footer = {"", "Prints the token on stdout, and on stderr the lines for the file of 'heddle serve --users'."
                + " With --out the token goes to a new file that only you can read, and the lines to stdout:", "",
            "  heddle token --user ci --out ci.token >> users.yaml", "  heddle run --user ci --token-file ci.token …",
            "", "A user who may not do everything has a policy, which names all that they may do:", "",
            "  ci:", "    sha256: …", "    policy:", "      programs:", "        - /usr/bin/uptime",
            "        - [/usr/bin/git, pull, --ff-only]   # with these arguments only",
            "      directories: [/srv/ci]", "      environment: [BRANCH]", "      sh: false",
            "      maxTimeout: 10m", "      maxConcurrent: 4"})
public final class TokenCommand implements Callable<Integer> {
    @Option(names = "--user", paramLabel = "NAME", defaultValue = User.DEFAULT_NAME,
            description = "Whose token it is. Default: " + User.DEFAULT_NAME + ".")
    private String user;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the token to this file, which must be new.")
    private Optional<Path> out;

    @Override
    public Integer call() throws IOException {
        if (!User.isName(user)) {
            StandardOutput.complain("heddle token: '" + user + "' is no name of a user: " + User.NAME_RULE);
            return ExitCodes.USAGE;
        }
        String token = TokenHash.newToken();
        String lines = user + ":\n  sha256: " + TokenHash.of(token) + "\n";
        if (out.isEmpty()) {
            StandardOutput.OUT.print(token + "\n");
            StandardOutput.ERR.print(lines);
            return ExitCodes.OK;
        }
        try {
            TokenFile.create(out.get(), token);
        } catch (IOException e) {
            StandardOutput.complain("heddle token: " + (e instanceof FileAlreadyExistsException
                    ? out.get() + " is there already" : "cannot write " + out.get() + ": " + e.getMessage()));
            return ExitCodes.FAILED;
        }
        try {
            StandardOutput.OUT.print(lines);
            return ExitCodes.OK;
        } catch (LocalStreamException e) {
            Files.deleteIfExists(out.get()); // without its lines it is of no use, and the next try needs a new file
            throw e;
        }
    }
}
