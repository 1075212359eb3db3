package dev.heddle.face.resp;

import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.run.CommandRunner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The commands that tell what the server is, in the forms that Redis clients expect. */
final class ServerCommands {
    /** Clients choose their features by it: this is the version whose RESP behaviour Heddle follows. */
    private static final String REDIS_VERSION = "7.2.0";

    private final RespProtocol protocol;
    private final long startNanos = System.nanoTime();

    ServerCommands(RespProtocol protocol) {
        this.protocol = protocol;
    }

    /** {@code INFO [section...]}: all sections when none is named, as with "all", "default" and "everything". */
    void info(Call call) throws IOException {
        StringBuilder text = new StringBuilder();
        sections().forEach((name, lines) -> {
            if (call.size() == 1 || named(call, name)) {
                text.append(text.isEmpty() ? "" : "\r\n").append("# ").append(name).append("\r\n");
                lines.forEach((key, value) -> text.append(key).append(':').append(value).append("\r\n"));
            }
        });
        call.reply(new RespValue.Verbatim("txt", text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static boolean named(Call call, String section) {
        for (int i = 1; i < call.size(); i++) {
            if (call.is(i, section) || call.is(i, "all") || call.is(i, "default") || call.is(i, "everything")) {
                return true;
            }
        }
        return false;
    }

    private Map<String, Map<String, Object>> sections() {
        CommandRunner runner = protocol.runner();
        long uptimeSeconds = (System.nanoTime() - startNanos) / 1_000_000_000;
        Runtime jvm = Runtime.getRuntime();
        Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
        Map<String, Object> server = section(sections, "Server");
        server.put("heddle_version", protocol.settings().version());
        server.put("redis_version", REDIS_VERSION);
        server.put("redis_mode", "standalone");
        server.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        server.put("java_version", Runtime.version());
        server.put("process_id", ProcessHandle.current().pid());
        server.put("thread_mode", protocol.settings().threadMode());
        server.put("process_engine", runner.engine().name());
        server.put("uptime_in_seconds", uptimeSeconds);
        Map<String, Object> clients = section(sections, "Clients");
        clients.put("connected_clients", protocol.clientCounts().connected());
        clients.put("maxclients", protocol.settings().maxClients());
        Map<String, Object> memory = section(sections, "Memory");
        memory.put("used_memory", jvm.totalMemory() - jvm.freeMemory());
        memory.put("maxmemory", jvm.maxMemory());
        memory.put("budget_used", runner.budget().reservedBytes());
        memory.put("budget_max", runner.budget().maxBytes());
        section(sections, "Persistence").put("loading", 0);
        Map<String, Object> stats = section(sections, "Stats");
        stats.put("total_connections_received", protocol.clientCounts().accepted());
        stats.put("rejected_connections", protocol.clientCounts().refused());
        stats.put("logins", protocol.loginCounts().loggedIn());
        stats.put("login_failures", protocol.loginCounts().refused());
        stats.put("output_bytes", runner.counts().outputBytes());
        Map<String, Object> replication = section(sections, "Replication");
        replication.put("role", "master");
        replication.put("connected_slaves", 0);
        Map<String, Object> processes = section(sections, "Processes");
        processes.put("running_commands", runner.running());
        processes.put("max_running_commands", runner.limits().maxRunning());
        processes.put("waiting_commands", runner.waiting());
        processes.put("jobs_under_way", protocol.jobs().running());
        processes.put("started_commands", runner.started());
        runner.counts().ended().forEach((outcome, count) -> processes.put("ended_commands_" + outcome, count));
        processes.put("refused_signals", runner.counts().refusedSignals());
        processes.put("commands_left_running", runner.counts().leftRunning());
        runner.counts().refused().forEach((reason, count) -> processes.put("refused_commands_" + reason, count));
        return sections;
    }

    private static Map<String, Object> section(Map<String, Map<String, Object>> sections, String name) {
        Map<String, Object> section = new LinkedHashMap<>();
        sections.put(name, section);
        return section;
    }

    /** {@code CONFIG GET name...}: nothing, but for what redis-benchmark asks and complains about otherwise. */
    void config(Call call) throws IOException {
        if (!call.is(1, "GET") || call.size() < 3) {
            call.error("ERR only CONFIG GET is understood; the server is configured at its start");
            return;
        }
        Map<RespValue, RespValue> settings = new LinkedHashMap<>();
        for (int i = 2; i < call.size(); i++) {
            if (call.is(i, "save")) {
                settings.put(BulkString.of("save"), BulkString.of(""));
            } else if (call.is(i, "appendonly")) {
                settings.put(BulkString.of("appendonly"), BulkString.of("no"));
            }
        }
        call.reply(RespValue.MapReply.of(settings));
    }

    /**
     * {@code COMMAND}, {@code COMMAND COUNT}, {@code COMMAND LIST}, {@code COMMAND DOCS [name...]},
     * {@code COMMAND INFO [name...]}: all commands when none is named.
     */
    void command(Call call) throws IOException {
        if (call.size() == 1) {
            allInfos(call);
            return;
        }
        switch (call.text(1).toUpperCase(Locale.ROOT)) {
            case "COUNT" -> call.reply(new RespValue.IntegerReply(protocol.commands().all().size()));
            case "LIST" -> call.reply(new RespValue.ArrayReply(protocol.commands().all().stream()
                    .map(entry -> (RespValue) BulkString.of(entry.name())).toList()));
            case "DOCS" -> docs(call);
            case "INFO" -> commandInfo(call);
            default -> call.error("ERR unknown subcommand '" + call.text(1)
                    + "'. Try COUNT, LIST, DOCS, INFO.");
        }
    }

    private void allInfos(Call call) throws IOException {
        call.reply(new RespValue.ArrayReply(
                protocol.commands().all().stream().map(CommandTable.Entry::description).toList()));
    }

    private void commandInfo(Call call) throws IOException {
        if (call.size() == 2) {
            allInfos(call);
            return;
        }
        List<RespValue> infos = new ArrayList<>();
        for (int i = 2; i < call.size(); i++) {
            CommandTable.Entry entry = protocol.commands().find(call.bytes(i));
            infos.add(entry == null ? RespValue.Null.NULL : entry.description());
        }
        call.reply(new RespValue.ArrayReply(infos));
    }

    private void docs(Call call) throws IOException {
        Map<RespValue, RespValue> docs = new LinkedHashMap<>();
        for (CommandTable.Entry entry : protocol.commands().all()) {
            if (call.size() == 2 || call.words().stream().skip(2)
                    .anyMatch(name -> entry.equals(protocol.commands().find(name)))) {
                Map<RespValue, RespValue> doc = new LinkedHashMap<>();
                doc.put(BulkString.of("summary"), BulkString.of(entry.summary()));
                doc.put(BulkString.of("since"), BulkString.of(protocol.settings().version()));
                doc.put(BulkString.of("group"),
                        BulkString.of(entry.kind() == CommandTable.Kind.LONG ? "generic" : "connection"));
                docs.put(BulkString.of(entry.name()), RespValue.MapReply.of(doc));
            }
        }
        call.reply(RespValue.MapReply.of(docs));
    }
}
