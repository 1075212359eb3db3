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
 * Checks one command against the policy of its user, and returns the command to run, with the policy's own path of the
 * program in front: so neither a PATH, nor a link, nor a name that the client has chosen decides after the check what
 * is started. Looks at the file system, which may block.
 */
final class PolicyCheck {
    private static final int SHOWN = 100; // characters of what a client has sent

    private final Policy policy;
    private final String searchPath;

    /** @param searchPath the server's own PATH: that of the command is chosen by the client */
    PolicyCheck(Policy policy, String searchPath) {
        this.policy = policy;
        this.searchPath = searchPath;
    }

    /**
     * Returns the command that may run.
     *
     * @param shell whether it is a script for {@code /bin/sh}
     * @throws RefusedException when the policy does not allow it
     */
    Command check(Command command, boolean shell) throws RefusedException {
        for (Command.Variable variable : command.environment()) {
            String name = new String(variable.name(), StandardCharsets.ISO_8859_1); // any bytes, one to one
            if (!policy.environment().contains(name)) {
                throw denied("ENV '" + shown(variable.name()) + "'");
            }
        }
        WorkingDirectory directory = directory(command.directory());
        Optional<Duration> timeout = timeout(command.timeout());
        List<byte[]> argv = command.argv();
        if (shell) {
            if (!policy.shell()) {
                throw denied("SH");
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
            throw new RefusedException(Refusal.DENIED,
                    "TIMEOUT is at most " + max.get().toMillis() + " in your policy");
        }
        return asked.or(() -> max);
    }

    /**
     * Returns where the command starts: the policy's directory, however that is reached, or the client's directory free
     * of links, so that the directory entered later is the one that is judged here.
     */
    private WorkingDirectory directory(Optional<WorkingDirectory> asked) throws RefusedException {
        if (asked.isEmpty()) {
            return WorkingDirectory.of(FileNames.bytes(policy.directories().isEmpty() ? Path.of("/")
                    : policy.directories().getFirst()));
        }
        Optional<Path> real = decoded(asked.get().path()).flatMap(PolicyCheck::real)
                .filter(FileNames::isExact); // otherwise the command would start in a directory of a similar name
        for (Path allowed : policy.directories()) {
            if (real.isPresent() && real(allowed).filter(real.get()::startsWith).isPresent()) {
                return new WorkingDirectory(FileNames.bytes(real.get()), true);
            }
        }
        throw denied("CWD '" + shown(asked.get().path()) + "'");
    }

    /**
     * Returns the program of the policy that the client means. The client must give its name too, and not only a link
     * to the file: some programs are many, and act by the name that they are called by.
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
        throw denied("'" + shown(argv.getFirst()) + (known ? "' with these arguments" : "'"));
    }

    /**
     * Finds a program as a shell would, except that relative entries of a PATH do not count: they would find files of
     * the command's directory.
     */
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
            return Optional.empty(); // missing or not visible: a client need not know which
        }
    }

    /**
     * Returns the path of a name; empty for one that Java cannot open here (a NUL, bytes that are not text), which is
     * never an allowed file.
     */
    private static Optional<Path> decoded(byte[] name) {
        try {
            return Optional.of(FileNames.path(name));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static RefusedException denied(String what) {
        return new RefusedException(Refusal.DENIED, what + " is not in your policy");
    }

    private static String shown(byte[] word) {
        String text = new String(word, StandardCharsets.UTF_8);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
