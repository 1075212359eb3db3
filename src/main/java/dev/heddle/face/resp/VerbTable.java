package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.ArrayReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.SimpleString;
import dev.heddle.resp.Words;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All verbs by name: how each is parsed, and what {@code COMMAND} says of it.
 *
 * <p><b>Threading:</b> filled when it is loaded; read by every session.
 */
final class VerbTable {
    /** How a verb takes part in its connection. */
    enum Kind {
        /** Never blocks: the reading thread executes it. */
        IMMEDIATE,
        /** Never blocks, and is allowed before authentication. */
        OPEN,
        /** Never blocks, and the connection ends with its reply. */
        LAST,
        /** Speaks to the command that streams on this connection: never waits for it, and gets no reply from it. */
        STREAMED,
        /** May take long: the connection's worker executes it, and the reader goes on watching the client. */
        LONG
    }

    /**
     * One verb.
     *
     * @param arity           as in Redis: how many words with the name, or at least that many when negative
     * @param summary         one line for COMMAND DOCS, which redis-cli shows
     * @param whileSubscribed whether it is allowed on a connection of RESP2 that has subscriptions
     * @param description     the reply for it in COMMAND: made once, for a request may name it very often
     */
    record Entry(String name, int arity, Kind kind, String summary, Verb.Parser parser,
                 Optional<Subcommands> subcommands, boolean whileSubscribed, RespValue description) {
        boolean needsAuthentication() {
            return kind != Kind.OPEN && kind != Kind.LAST;
        }

        private boolean accepts(int words) {
            return arity >= 0 ? words == arity : words >= -arity;
        }

        /** What COMMAND DOCS says of it. */
        RespValue docs(String version) {
            Map<RespValue, RespValue> docs = docs(summary, parser, version);
            if (subcommands.isPresent()) {
                Map<RespValue, RespValue> rows = new LinkedHashMap<>();
                subcommands.get().rows().forEach(row -> rows.put(
                        BulkString.of(name + "|" + row.name().toLowerCase(Locale.ROOT)),
                        RespValue.MapReply.of(docs(row.summary(), row.parser(), version))));
                docs.put(BulkString.of("subcommands"), RespValue.MapReply.of(rows));
            }
            return RespValue.MapReply.of(docs);
        }

        private Map<RespValue, RespValue> docs(String line, Verb.Parser parsed, String version) {
            Map<RespValue, RespValue> docs = new LinkedHashMap<>();
            docs.put(BulkString.of("summary"), BulkString.of(line));
            docs.put(BulkString.of("since"), BulkString.of(version));
            docs.put(BulkString.of("group"), BulkString.of(kind == Kind.LONG ? "generic" : "connection"));
            if (parsed instanceof RunOptions.Form form) {
                docs.put(BulkString.of("arguments"), RunOption.docs(form));
            }
            return docs;
        }
    }

    /** Orders names in any case of ASCII. Every request is looked up by it, and so it allocates nothing. */
    static final Comparator<byte[]> IN_ANY_CASE = (one, other) -> {
        for (int i = 0; i < Math.min(one.length, other.length); i++) {
            int order = Integer.compare(lowerCase(one[i]), lowerCase(other[i]));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(one.length, other.length);
    };

    private static final List<String> WHILE_SUBSCRIBED = List.of("subscribe", "unsubscribe", "ping", "quit", "reset");
    private static final Map<byte[], Entry> ENTRIES = new TreeMap<>(IN_ANY_CASE);

    private VerbTable() {}

    static {
        add("ping", -1, Kind.IMMEDIATE, "Answers PONG, or the argument.", ConnectionVerb::ping);
        add("echo", 2, Kind.IMMEDIATE, "Answers the argument.", words -> new ConnectionVerb.Echo(words.get(1)));
        add("hello", -1, Kind.OPEN, "Chooses the protocol version, logs in, names the client.", ConnectionVerb::hello);
        add("auth", -2, Kind.OPEN, "Logs in.", ConnectionVerb::auth);
        add("acl", -2, Kind.IMMEDIATE, "ACL WHOAMI: shows as whom the client is logged in.", ConnectionVerb.ACL);
        add("reset", 1, Kind.OPEN, "Resets the connection.", words -> new ConnectionVerb.Reset());
        add("quit", -1, Kind.LAST, "Ends the connection.", words -> new ConnectionVerb.Quit());
        add("select", 2, Kind.IMMEDIATE, "Accepts database 0, for clients that ask.", ConnectionVerb::select);
        add("client", -2, Kind.IMMEDIATE, "Shows, names and disconnects clients.", ClientVerb.SUBCOMMANDS);
        add("info", -1, Kind.IMMEDIATE, "Shows what the server is and does.",
                words -> new ServerVerb.Info(words.subList(1, words.size())));
        add("config", -2, Kind.IMMEDIATE, "CONFIG GET, for clients that ask.", ServerVerb::config);
        add("command", -1, Kind.IMMEDIATE, "Lists the commands.", ServerVerb::command, Optional.of(ServerVerb.COMMAND));
        add("run", -2, Kind.LONG, "Runs a program: RUN [option value]... [--] program [argument]...",
                RunOptions.Form.RUN);
        add("sh", -2, Kind.LONG, "Runs a shell script: SH [option value]... [--] script [argument]...",
                RunOptions.Form.SH);
        add("stdin", 2, Kind.STREAMED, "Sends stdin to the command that streams here.",
                words -> new StreamWord.Stdin(words.get(0), Words.take(words, 1)));
        add("eof", 1, Kind.STREAMED, "Ends the stdin of the command that streams here.",
                words -> new StreamWord.Eof(words.get(0)));
        add("signal", 2, Kind.STREAMED, "Sends a signal to the command that streams here.",
                words -> new StreamWord.Signal(words.get(0), WordReader.text(words.get(1))));
        add("detach", 1, Kind.STREAMED, "Leaves the job that is attached here.",
                words -> new StreamWord.Detach(words.get(0)));
        add("job", -2, Kind.LONG, "Starts, reads, feeds, ends and lists jobs.", JobVerb.SUBCOMMANDS);
        add("subscribe", -2, Kind.IMMEDIATE, "Listens to jobs: SUBSCRIBE job:<id>...",
                words -> new SubscribeVerb.Subscribe(words.subList(1, words.size())));
        add("unsubscribe", -1, Kind.IMMEDIATE, "Listens no more.",
                words -> new SubscribeVerb.Unsubscribe(words.subList(1, words.size())));
    }

    private static void add(String name, int arity, Kind kind, String summary, Verb.Parser parser) {
        add(name, arity, kind, summary, parser,
                parser instanceof Subcommands subcommands ? Optional.of(subcommands) : Optional.empty());
    }

    private static void add(String name, int arity, Kind kind, String summary, Verb.Parser parser,
                            Optional<Subcommands> subcommands) {
        ENTRIES.put(name.getBytes(StandardCharsets.US_ASCII), new Entry(name, arity, kind, summary, parser, subcommands,
                WHILE_SUBSCRIBED.contains(name), describe(name, arity, kind)));
    }

    private static int lowerCase(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }

    /** The verb of this name in any case, or null. */
    static Entry find(byte[] name) {
        return ENTRIES.get(name);
    }

    /** All verbs by name. */
    static Collection<Entry> all() {
        return ENTRIES.values();
    }

    /**
     * Parses a request.
     *
     * @param entry the one for its first word, or null
     */
    static Verb parse(Entry entry, List<byte[]> words) {
        if (entry == null) {
            return new Verb.Unknown(unknown(words));
        }
        if (!entry.accepts(words.size())) {
            return new Verb.Unknown("ERR wrong number of arguments for '" + entry.name() + "' command");
        }
        try {
            return entry.parser().parse(words);
        } catch (SyntaxException e) {
            return new Verb.Malformed(e.getMessage(), false);
        }
    }

    /** The text of Redis for an unknown command. */
    private static String unknown(List<byte[]> words) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < words.size() && arguments.length() < 128; i++) {
            arguments.append('\'').append(cut(words.get(i), 128 - arguments.length())).append("' ");
        }
        return "ERR unknown command '" + cut(words.get(0), 128) + "', with args beginning with: " + arguments;
    }

    private static String cut(byte[] word, int maxBytes) {
        return new String(word, 0, Math.min(word.length, maxBytes), StandardCharsets.UTF_8);
    }

    private static RespValue describe(String name, int arity, Kind kind) {
        RespValue zero = new IntegerReply(0);
        RespValue none = new ArrayReply(List.of());
        return new ArrayReply(List.of(BulkString.of(name), new IntegerReply(arity),
                new RespValue.SetReply(List.of(new SimpleString(kind == Kind.LONG ? "noscript" : "fast"))),
                zero, zero, zero, none, none, none, none));
    }
}
