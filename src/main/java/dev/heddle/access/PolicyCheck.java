package dev.heddle.access;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.command.Command;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.platform.FileNames;
import dev.heddle.platform.LosslessUtf8;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Holds one command against the policy of its user, and makes of it what is to run: with the policy's own path of the
 * program in front, so that neither a PATH, nor a link, nor a name that the client has chosen decides after the
 * check what is started. Looks at the file system, which may block.
 */
final class PolicyCheck {
    private static final int SHOWN = 100; // characters of what a client has sent

    private final Policy policy;
    private final String searchPath;

    /** @param searchPath the server's own PATH: that of the command is the client's */
    PolicyCheck(Policy policy, String searchPath) {
        this.policy = policy;
        this.searchPath = searchPath;
    }

    /**
     * The command that may run.
     *
     * @param shell whether it is a script for {@code /bin/sh}
     * @throws RefusedException when the policy does not allow it
     */
    Command check(Command command, boolean shell) throws RefusedException {
        for (Command.Variable variable : command.environment()) {
            String name = new String(variable.name(), StandardCharsets.ISO_8859_1); // any bytes, one to one
            if (!policy.environment().contains(name)) {
                throw new RefusedException(Refusal.DENIED, "ENV '" + shown(variable.name()) + "' is not in your policy");
            }
        }
        WorkingDirectory directory = directory(command.directory());
        Optional<Duration> timeout = timeout(command.timeout());
        List<byte[]> argv = command.argv();
        if (shell) {
            if (!policy.shell()) {
                throw new RefusedException(Refusal.DENIED, "SH is not in your policy");
            }
        } else {
            argv = new ArrayList<>(argv);
            argv.set(0, FileNames.bytes(program(command.argv(), decoded(directory.path()).orElseThrow()).path()));
        }
        return command.restricted(argv, directory, timeout);
    }

    private Optional<Duration> timeout(Optional<Duration> asked) throws RefusedException {
        Optional<Duration> max = policy.maxTimeout();
        if (asked.isPresent() && max.isPresent() && asked.get().compareTo(max.get()) > 0) {
            throw new RefusedException(Refusal.DENIED, "TIMEOUT is at most " + max.get().toMillis() + " in your policy");
        }
        return asked.or(() -> max);
    }

    /**
     * Where the command starts: where the policy says, however that is reached; or what the client has named, free of
     * links, so that what is entered later is what is judged here.
     */
    private WorkingDirectory directory(Optional<WorkingDirectory> asked) throws RefusedException {
        if (asked.isEmpty()) {
            return WorkingDirectory.of(FileNames.bytes(policy.directories().isEmpty() ? Path.of("/")
                    : policy.directories().getFirst()));
        }
        Optional<Path> real = decoded(asked.get().path()).flatMap(PolicyCheck::real)
                .filter(FileNames::isExact); // else the command would start in a directory of a similar name
        for (Path allowed : policy.directories()) {
            if (real.isPresent() && real(allowed).filter(real.get()::startsWith).isPresent()) {
                return new WorkingDirectory(FileNames.bytes(real.get()), true);
            }
        }
        throw new RefusedException(Refusal.DENIED, "CWD '" + shown(asked.get().path()) + "' is not in your policy");
    }

    /**
     * The program of the policy that is meant. Its name must be given, too, and not only a link to the same file:
     * some programs are many, and do what they are called.
     */
    private Policy.Program program(List<byte[]> argv, Path directory) throws RefusedException {
        Optional<Path> asked = decoded(argv.getFirst()).flatMap(name -> located(name, directory));
        Optional<Path> real = asked.flatMap(PolicyCheck::real);
        boolean known = false;
        for (Policy.Program program : policy.programs()) {
            if (real.isPresent() && asked.get().endsWith(program.path().getFileName())
                    && real(program.path()).equals(real)) {
                known = true;
                if (program.arguments().isEmpty() || same(program.arguments().get(), argv)) {
                    return program;
                }
            }
        }
        throw new RefusedException(Refusal.DENIED, "'" + shown(argv.getFirst()) + (known ? "' with these arguments" : "'")
                + " is not in your policy");
    }

    /** As a shell would find it, but that a PATH with relative entries must not find what lies where one works. */
    private Optional<Path> located(Path name, Path directory) {
        if (name.toString().isEmpty()) {
            return Optional.empty();
        }
        if (name.isAbsolute() || name.getNameCount() > 1) {
            return Optional.of(directory.resolve(name));
        }
        for (String entry : searchPath.split(":")) {
            Optional<Path> candidate = decoded(LosslessUtf8.encode(entry)).map(folder -> folder.resolve(name))
                    .filter(file -> file.isAbsolute() && Files.isRegularFile(file) && Files.isExecutable(file));
            if (candidate.isPresent()) {
                return candidate;
            }
        }
        return Optional.empty();
    }

    private static boolean same(List<String> arguments, List<byte[]> argv) {
        boolean same = arguments.size() == argv.size() - 1;
        for (int i = 0; same && i < arguments.size(); i++) {
            same = Arrays.equals(arguments.get(i).getBytes(StandardCharsets.UTF_8), argv.get(i + 1));
        }
        return same;
    }

    private static Optional<Path> real(Path path) {
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException e) {
            return Optional.empty(); // not there, or not to be seen: a client need not know which
        }
    }

    /** What Java cannot open here (a NUL, bytes that are no text) is no allowed file. */
    private static Optional<Path> decoded(byte[] name) {
        try {
            return Optional.of(FileNames.path(name));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static String shown(byte[] word) {
        String text = new String(word, StandardCharsets.UTF_8);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
