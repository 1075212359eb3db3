package dev.heddle.access;

import dev.heddle.platform.FileNames;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads the text of a users file: YAML 1.2, a mapping from names to users. It goes through the nodes itself, because
 * they know their lines; and a policy must be understood entirely or not at all.
 */
final class UsersYaml {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Set<String> USER_KEYS = Set.of("sha256", "certificate", "local", "policy");
    private static final Set<String> POLICY_KEYS =
            Set.of("programs", "sh", "directories", "environment", "maxTimeout", "maxConcurrent");

    private UsersYaml() {}

    /** Signals what is wrong at a place in the text. */
    private static final class BadEntryException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Node node;

        BadEntryException(Node node, String message) {
            super(message);
            this.node = node;
        }
    }

    /** @param file the file's name, for messages */
    static Users parse(String text, String file) throws IOException {
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(file).setAllowNonScalarKeys(true).build();
            Node root = new Compose(settings).composeString(text)
                    .orElseThrow(() -> new IOException(file + " names no user"));
            List<User> users = new ArrayList<>();
            for (Map.Entry<Node, Node> entry : entries(root).entrySet()) {
                users.add(user(entry.getKey(), entry.getValue()));
            }
            if (users.isEmpty()) {
                throw new IOException(file + " names no user");
            }
            return new Users(users);
        } catch (BadEntryException e) {
            throw new IOException(place(file, e.node.getStartMark()) + ": " + e.getMessage(), e);
        } catch (MarkedYamlEngineException e) {
            throw new IOException(place(file, e.getProblemMark()) + ": " + e.getProblem(), e);
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static String place(String file, Optional<Mark> mark) {
        return file + mark.map(found -> ", line " + (found.getLine() + 1)).orElse("");
    }

    private static User user(Node key, Node value) throws BadEntryException {
        String name = text(key, "the name of a user");
        Map<String, Node> entries = entries(value, USER_KEYS);
        Optional<TokenHash> token = optional(entries, "sha256", node -> TokenHash.parse(text(node, "sha256")));
        Optional<String> certificate = optional(entries, "certificate",
                node -> SubjectName.parse(text(node, "certificate")));
        Optional<String> local = optional(entries, "local", node -> text(node, "local"));
        Optional<Policy> policy = optional(entries, "policy", UsersYaml::policy);
        return read(key, at -> new User(name, token, certificate, local, policy));
    }

    private static Policy policy(Node node) throws BadEntryException {
        Map<String, Node> entries = entries(node, POLICY_KEYS);
        List<Policy.Program> programs = list(entries, "programs", UsersYaml::program);
        boolean shell = optional(entries, "sh", UsersYaml::truth).orElse(false);
        List<Path> directories = list(entries, "directories", item -> path(text(item, "a directory")));
        List<String> environment = list(entries, "environment", item -> text(item, "a variable's name"));
        Optional<Duration> maxTimeout = optional(entries, "maxTimeout", UsersYaml::duration);
        Optional<Integer> maxConcurrent = optional(entries, "maxConcurrent", UsersYaml::number);
        return read(node, at -> new Policy(programs, shell, directories, Set.copyOf(environment), maxTimeout,
                maxConcurrent.map(OptionalInt::of).orElse(OptionalInt.empty())));
    }

    /**
     * Reads a program: {@code /usr/bin/uptime} with any arguments, or {@code [/usr/bin/git, pull]} with exactly these.
     */
    private static Policy.Program program(Node node) throws BadEntryException {
        if (!(node instanceof SequenceNode words)) {
            return new Policy.Program(path(text(node, "a program")), Optional.empty());
        }
        List<String> argv = new ArrayList<>();
        for (Node word : words.getValue()) {
            argv.add(argument(word));
        }
        if (argv.isEmpty()) {
            throw new BadEntryException(node, "a program is missing");
        }
        return new Policy.Program(path(argv.getFirst()), Optional.of(argv.subList(1, argv.size())));
    }

    /** Reads a value of one shape; any other value is an error at its place. */
    private interface Reader<T> {
        T read(Node node) throws BadEntryException;
    }

    private static <T> T read(Node node, Reader<T> reader) throws BadEntryException {
        try {
            return reader.read(node);
        } catch (IllegalArgumentException e) {
            throw new BadEntryException(node, e.getMessage());
        }
    }

    private static <T> Optional<T> optional(Map<String, Node> entries, String key, Reader<T> reader)
            throws BadEntryException {
        Node node = entries.get(key);
        return node == null ? Optional.empty() : Optional.of(read(node, reader));
    }

    private static <T> List<T> list(Map<String, Node> entries, String key, Reader<T> reader) throws BadEntryException {
        Node node = entries.get(key);
        List<T> items = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                items.add(read(item, reader));
            }
        } else if (node != null) {
            throw new BadEntryException(node, key + " is a list");
        }
        return items;
    }

    private static Path path(String text) {
        try {
            return FileNames.path(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + text + "' is no path here: " + e.getReason(), e);
        }
    }

    private static boolean truth(Node node) throws BadEntryException {
        return switch (text(node, "sh")) {
            case "true" -> true;
            case "false" -> false;
            case String other -> throw new BadEntryException(node, "true or false, not '" + other + "'");
        };
    }

    private static int number(Node node) throws BadEntryException {
        String digits = text(node, "a number");
        if (!digits.matches("[0-9]{1,9}")) {
            throw new BadEntryException(node, "a whole number, not '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private static Duration duration(Node node) throws BadEntryException {
        String text = text(node, "a duration");
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new BadEntryException(node, "a duration like 500ms, 2s, 1m or 1h, not '" + text + "'");
        }
        Function<Long, Duration> unit = switch (matcher.group(2)) {
            case "ms" -> Duration::ofMillis;
            case "s" -> Duration::ofSeconds;
            case "m" -> Duration::ofMinutes;
            case String hours -> Duration::ofHours;
        };
        return unit.apply(Long.parseLong(matcher.group(1)));
    }

    /** Reads an argument, which unlike other texts may be empty, in quotes. */
    private static String argument(Node node) throws BadEntryException {
        return node instanceof ScalarNode scalar && !scalar.isPlain() ? scalar.getValue() : text(node, "an argument");
    }

    private static String text(Node node, String what) throws BadEntryException {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isEmpty()) {
            return scalar.getValue();
        }
        throw new BadEntryException(node, what + " is one word or text, and not empty");
    }

    private static Map<String, Node> entries(Node node, Set<String> known) throws BadEntryException {
        Map<String, Node> entries = new LinkedHashMap<>();
        for (Map.Entry<Node, Node> entry : entries(node).entrySet()) {
            String key = text(entry.getKey(), "a key");
            if (!known.contains(key)) {
                throw new BadEntryException(entry.getKey(), "unknown key '" + key + "'; known: "
                        + String.join(", ", known.stream().sorted().toList()));
            }
            entries.put(key, entry.getValue());
        }
        return entries;
    }

    /** Returns the entries with their keys as nodes; no key is there twice. */
    private static Map<Node, Node> entries(Node node) throws BadEntryException {
        if (!(node instanceof MappingNode mapping)) {
            throw new BadEntryException(node, "'key: value' pairs belong here");
        }
        Map<Node, Node> entries = new LinkedHashMap<>();
        Map<String, Node> seen = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode(), "a key");
            if (seen.put(key, tuple.getKeyNode()) != null) {
                throw new BadEntryException(tuple.getKeyNode(), "'" + key + "' is there twice");
            }
            entries.put(tuple.getKeyNode(), tuple.getValueNode());
        }
        return entries;
    }
}
