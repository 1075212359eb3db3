package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.is;

import dev.heddle.access.LoginCounts;
import dev.heddle.net.ClientRegistry;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.service.CommandService;
import dev.heddle.service.ServiceStatus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Executes the verbs that tell what the server is, in the forms that Redis clients expect. */
final class ServerCommands {
    /** Clients choose their features by it: this is the version whose RESP behaviour Heddle follows. */
    private static final String REDIS_VERSION = "7.2.0";

    private final CommandService service;
    private final RespSettings settings;
    private final ClientRegistry registry;
    private final LoginCounts logins;
    private final long startNanos = System.nanoTime();

    ServerCommands(CommandService service, RespSettings settings, ClientRegistry registry, LoginCounts logins) {
        this.service = service;
        this.settings = settings;
        this.registry = registry;
        this.logins = logins;
    }

    void execute(Call call, ServerVerb verb) throws IOException {
        switch (verb) {
            case ServerVerb.Info info -> info(call, info.sections());
            case ServerVerb.ConfigGet config -> config(call, config.names());
            case ServerVerb.CommandCount count -> call.reply(new RespValue.IntegerReply(VerbTable.all().size()));
            case ServerVerb.CommandList list -> call.reply(new RespValue.ArrayReply(VerbTable.all().stream()
                    .map(entry -> (RespValue) BulkString.of(entry.name())).toList()));
            case ServerVerb.CommandDocs docs -> docs(call, docs.names());
            case ServerVerb.CommandInfo info -> commandInfo(call, info.names());
        }
    }

    private void info(Call call, List<byte[]> wanted) throws IOException {
        StringBuilder text = new StringBuilder();
        sections().forEach((name, lines) -> {
            if (wanted.isEmpty() || wanted.stream().anyMatch(word -> means(word, name))) {
                text.append(text.isEmpty() ? "" : "\r\n").append("# ").append(name).append("\r\n");
                lines.forEach((key, value) -> text.append(key).append(':').append(value).append("\r\n"));
            }
        });
        call.reply(new RespValue.Verbatim("txt", text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static boolean means(byte[] word, String section) {
        return is(word, section) || is(word, "all") || is(word, "default") || is(word, "everything");
    }

    private Map<String, Map<String, Object>> sections() {
        ServiceStatus status = service.status();
        long uptimeSeconds = (System.nanoTime() - startNanos) / 1_000_000_000;
        Runtime jvm = Runtime.getRuntime();
        Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
        Map<String, Object> server = section(sections, "Server");
        server.put("heddle_version", settings.version());
        server.put("redis_version", REDIS_VERSION);
        server.put("redis_mode", "standalone");
        server.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        server.put("java_version", Runtime.version());
        server.put("process_id", ProcessHandle.current().pid());
        server.put("thread_mode", settings.threadMode());
        server.put("process_engine", status.engine());
        server.put("uptime_in_seconds", uptimeSeconds);
        Map<String, Object> clients = section(sections, "Clients");
        clients.put("connected_clients", registry.connected());
        clients.put("maxclients", settings.maxClients());
        Map<String, Object> memory = section(sections, "Memory");
        memory.put("used_memory", jvm.totalMemory() - jvm.freeMemory());
        memory.put("maxmemory", jvm.maxMemory());
        memory.put("budget_used", status.budgetUsedBytes());
        memory.put("budget_max", status.budgetMaxBytes());
        section(sections, "Persistence").put("loading", 0);
        Map<String, Object> stats = section(sections, "Stats");
        stats.put("total_connections_received", registry.accepted());
        stats.put("rejected_connections", registry.refused());
        stats.put("logins", logins.loggedIn());
        stats.put("login_failures", logins.refused());
        stats.put("output_bytes", status.outputBytes());
        Map<String, Object> replication = section(sections, "Replication");
        replication.put("role", "master");
        replication.put("connected_slaves", 0);
        Map<String, Object> processes = section(sections, "Processes");
        processes.put("running_commands", status.running());
        processes.put("max_running_commands", status.maxRunning());
        processes.put("waiting_commands", status.waiting());
        processes.put("waiting_for_slot", status.waitingForSlot());
        processes.put("waiting_for_start", status.waitingForStart());
        processes.put("jobs_under_way", status.background());
        processes.put("started_commands", status.started());
        status.ended().forEach((outcome, count) -> processes.put("ended_commands_" + outcome, count));
        processes.put("refused_signals", status.refusedSignals());
        processes.put("commands_left_running", status.leftRunning());
        status.refused().forEach((reason, count) -> processes.put("refused_commands_" + reason, count));
        return sections;
    }

    private static Map<String, Object> section(Map<String, Map<String, Object>> sections, String name) {
        Map<String, Object> section = new LinkedHashMap<>();
        sections.put(name, section);
        return section;
    }

    /** Knows no settings but for what redis-benchmark asks, and complains about otherwise. */
    private static void config(Call call, List<byte[]> names) throws IOException {
        Map<RespValue, RespValue> settings = new LinkedHashMap<>();
        for (byte[] name : names) {
            if (is(name, "save")) {
                settings.put(BulkString.of("save"), BulkString.of(""));
            } else if (is(name, "appendonly")) {
                settings.put(BulkString.of("appendonly"), BulkString.of("no"));
            }
        }
        call.reply(RespValue.MapReply.of(settings));
    }

    private static void commandInfo(Call call, List<byte[]> names) throws IOException {
        if (names.isEmpty()) {
            call.reply(new RespValue.ArrayReply(VerbTable.all().stream().map(VerbTable.Entry::description).toList()));
            return;
        }
        List<RespValue> infos = new ArrayList<>();
        for (byte[] name : names) {
            VerbTable.Entry entry = VerbTable.find(name);
            infos.add(entry == null ? RespValue.Null.NULL : entry.description());
        }
        call.reply(new RespValue.ArrayReply(infos));
    }

    private void docs(Call call, List<byte[]> names) throws IOException {
        Map<RespValue, RespValue> docs = new LinkedHashMap<>();
        for (VerbTable.Entry entry : VerbTable.all()) {
            if (names.isEmpty() || names.stream().anyMatch(name -> entry.equals(VerbTable.find(name)))) {
                docs.put(BulkString.of(entry.name()), entry.docs(settings.version()));
            }
        }
        call.reply(RespValue.MapReply.of(docs));
    }
}
