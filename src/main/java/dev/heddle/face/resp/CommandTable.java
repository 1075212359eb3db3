package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All commands by name. Built once with the server; read by every session. */
public final class CommandTable {
    /** How a command takes part in its connection. */
    enum Kind {
        /** Never blocks: the reading thread executes it itself. */
        IMMEDIATE,
        /** The same, and allowed before authentication. */
        OPEN,
        /** The same, and the connection ends with its reply. */
        LAST,
        /** Speaks to the command that streams on this connection: never waits for it, and gets no reply from it. */
        STREAMED,
        /** May take long: the connection's lane executes it, and the reader goes on watching the client. */
        LONG
    }

    /**
     * One command.
     *
     * @param arity   as in Redis: how many words with the name, or at least that many when negative
     * @param summary one line for COMMAND DOCS, which redis-cli shows
     * @param description the reply that stands for it in COMMAND: made once, for a request may name it very often
     */
    record Entry(String name, int arity, Kind kind, String summary, RespCommand body, RespValue description) {
        Entry(String name, int arity, Kind kind, String summary, RespCommand body) {
            this(name, arity, kind, summary, body, describe(name, arity, kind));
        }

        boolean accepts(int words) {
            return arity >= 0 ? words == arity : words >= -arity;
        }

        /** Whether it runs a program while its client waits; it may stream then, {@link RunOptions#askForStream}. */
        boolean runsProgram() {
            return name.equals("run") || name.equals("sh");
        }

        boolean needsAuthentication() {
            return kind != Kind.OPEN && kind != Kind.LAST;
        }
    }

    private final Map<String, Entry> entries = new TreeMap<>();
    private final CommandIndex index = new CommandIndex(); // of the same

    CommandTable(RespProtocol protocol) {
        ConnectionCommands connection = new ConnectionCommands(protocol);
        ClientCommand client = new ClientCommand(protocol);
        ServerCommands server = new ServerCommands(protocol);
        RunCommands run = new RunCommands(protocol.runner(), protocol.jobs(), protocol.threads());
        SubscribeCommands subscriptions = new SubscribeCommands(protocol.jobs());
        add("ping", -1, Kind.IMMEDIATE, "Answers PONG, or the argument.", connection::ping);
        add("echo", 2, Kind.IMMEDIATE, "Answers the argument.", connection::echo);
        add("hello", -1, Kind.OPEN, "Chooses the protocol version, logs in, names the client.",
                connection::hello);
        add("auth", -2, Kind.OPEN, "Logs in.", connection::auth);
        add("acl", -2, Kind.IMMEDIATE, "ACL WHOAMI: shows as whom the client is logged in.", connection::acl);
        add("reset", 1, Kind.OPEN, "Makes the connection as good as new.", connection::reset);
        add("quit", -1, Kind.LAST, "Ends the connection.", connection::quit);
        add("select", 2, Kind.IMMEDIATE, "Accepts database 0, for clients that ask.", connection::select);
        add("client", -2, Kind.IMMEDIATE, "Shows, names and disconnects clients.", client);
        add("info", -1, Kind.IMMEDIATE, "Shows what the server is and does.", server::info);
        add("config", -2, Kind.IMMEDIATE, "CONFIG GET, for clients that ask.", server::config);
        add("command", -1, Kind.IMMEDIATE, "Lists the commands.", server::command);
        add("run", -2, Kind.LONG, "Runs a program: RUN [option value]... [--] program [argument]...",
                run::run);
        add("sh", -2, Kind.LONG, "Runs a shell script: SH [option value]... [--] script [argument]...", run::sh);
        add("stdin", 2, Kind.STREAMED, "Sends stdin to the command that streams here.", connection::tooLate);
        add("eof", 1, Kind.STREAMED, "Ends the stdin of the command that streams here.", connection::tooLate);
        add("signal", 2, Kind.STREAMED, "Sends a signal to the command that streams here.", connection::tooLate);
        add("job", -2, Kind.LONG, "Starts, reads, feeds, ends and lists jobs.",
                new JobCommands(protocol.jobs(), protocol.runner()));
        add("subscribe", -2, Kind.IMMEDIATE, "Listens to jobs: SUBSCRIBE job:<id>...", subscriptions::subscribe);
        add("unsubscribe", -1, Kind.IMMEDIATE, "Listens no more.", subscriptions::unsubscribe);
    }

    private void add(String name, int arity, Kind kind, String summary, RespCommand body) {
        Entry entry = new Entry(name, arity, kind, summary, body);
        entries.put(name, entry);
        index.add(entry);
    }

    /** The command of this name in any case, or null. */
    Entry find(byte[] name) {
        return index.find(name);
    }

    Collection<Entry> all() {
        return entries.values();
    }

    /** The body for what cannot be executed: it answers with the reason. */
    static RespCommand refusing(String error) {
        return call -> call.error(error);
    }

    /** The text of Redis for a command that is not there. */
    static String unknown(List<byte[]> words) {
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
        RespValue zero = new RespValue.IntegerReply(0);
        RespValue none = new RespValue.ArrayReply(List.of());
        return new RespValue.ArrayReply(List.of(RespValue.BulkString.of(name), new RespValue.IntegerReply(arity),
                new RespValue.SetReply(List.of(new RespValue.SimpleString(kind == Kind.LONG ? "noscript" : "fast"))),
                zero, zero, zero, none, none, none, none));
    }
}
