package dev.heddle.cli;

import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;
import dev.heddle.cli.prompt.ReadyCommand;
import dev.heddle.cli.prompt.ShellCommand;
import dev.heddle.cli.prompt.UpperCommand;
import dev.heddle.cli.remote.JobsCommand;
import dev.heddle.cli.remote.KillCommand;
import dev.heddle.cli.remote.LogsCommand;
import dev.heddle.cli.remote.RunCommand;
import dev.heddle.cli.remote.ShCommand;
import dev.heddle.cli.remote.StartCommand;
import dev.heddle.cli.remote.WaitCommand;
import dev.heddle.cli.serve.ServeCommand;
import dev.heddle.cli.serve.TokenCommand;
import dev.heddle.cli.value.ByteSize;
import dev.heddle.cli.value.DurationConverter;
import dev.heddle.cli.value.HostAndPort;
import dev.heddle.cli.value.LocalFile;
import dev.heddle.cli.value.ServerName;
import dev.heddle.platform.Invocation;
import dev.heddle.server.Version;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds the subcommand, and turns a failure into one line on stderr and an exit code. */
@Command(name = "heddle", versionProvider = HeddleCommand.VersionLine.class,
        header = "Runs commands for clients over a socket, and answers with what they printed and how they ended.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Every option of a command is shown by 'heddle COMMAND --help'."})
public final class HeddleCommand implements Runnable {
    /** In the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("serve", ServeCommand.class);
        COMMANDS.put("run", RunCommand.class);
        COMMANDS.put("sh", ShCommand.class);
        COMMANDS.put("shell", ShellCommand.class);
        COMMANDS.put("start", StartCommand.class);
        COMMANDS.put("jobs", JobsCommand.class);
        COMMANDS.put("logs", LogsCommand.class);
        COMMANDS.put("wait", WaitCommand.class);
        COMMANDS.put("kill", KillCommand.class);
        COMMANDS.put("token", TokenCommand.class);
        COMMANDS.put("ready", ReadyCommand.class);
        COMMANDS.put("upper", UpperCommand.class);
        COMMANDS.put("completion", CompletionCommand.class);
        COMMANDS.put("man", ManCommand.class);
        COMMANDS.put("rehearse", RehearseCommand.class);
    }

    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version and exit.")
    private boolean version;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private HeddleCommand() {}

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(Invocation.arguments(args)));
    }

    /** Runs the command line on the calling thread; returns its exit code. */
    public static int execute(String... args) {
        Class<?> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        // Only this one: reading the annotations of all would take as long as the rest of a start.
        CommandLine commandLine = commandLine(named == null ? COMMANDS : Map.of(args[0], named));
        StringWriter help = new StringWriter(); // a PrintWriter on stdout would not tell that it cannot be written
        int code = commandLine.setOut(new PrintWriter(help)).execute(args);
        try {
            StandardOutput.OUT.print(help.toString());
            return code;
        } catch (LocalStreamException e) {
            return e.report();
        }
    }

    /** Returns the whole command line, for the subcommands that describe it. */
    static CommandLine commandLine() {
        return commandLine(COMMANDS);
    }

    private static CommandLine commandLine(Map<String, Class<?>> commands) {
        CommandLine commandLine = new CommandLine(new HeddleCommand());
        commands.forEach(commandLine::addSubcommand);
        commandLine.getSubcommands().values().forEach(subcommand -> subcommand.addMixin("help", new HelpOption()));
        commandLine.registerConverter(Duration.class, new DurationConverter());
        commandLine.registerConverter(ByteSize.class, ByteSize::parse);
        commandLine.registerConverter(HostAndPort.class, HostAndPort::parse);
        commandLine.registerConverter(Path.class, LocalFile::parse);
        commandLine.registerConverter(ServerName.class, ServerName::parse);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        // Words and variables mean what they say: no @file is read, no ${…} looked up, no quote taken away.
        commandLine.setExpandAtFiles(false);
        commandLine.setInterpolateVariables(false);
        commandLine.setTrimQuotes(false);
        commandLine.setParameterExceptionHandler(HeddleCommand::usageError);
        commandLine.setExecutionExceptionHandler(HeddleCommand::failed);
        for (String remote : List.of("run", "sh", "start")) {
            if (commands.containsKey(remote)) {
                commandLine.getSubcommands().get(remote).setStopAtPositional(true); // the rest is the remote command
            }
        }
        return commandLine;
    }

    private static int usageError(CommandLine.ParameterException e, String[] args) {
        CommandLine.Model.CommandSpec command = e.getCommandLine().getCommandSpec();
        StandardOutput.complain(command.qualifiedName() + ": " + reason(e) + " (see '" + command.qualifiedName()
                + " --help')");
        return command.exitCodeOnInvalidInput();
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult words) throws Exception {
        if (e instanceof LocalStreamException local) {
            return local.report();
        }
        throw e;
    }

    private static String reason(CommandLine.ParameterException e) {
        if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
            return e.getMessage().replace("option option", "option"); // picocli 4.7.7 says it twice
        }
        String word = unmatched.getUnmatched().getFirst();
        if (e.getCommandLine().getParent() != null) {
            return "'" + word + "' is one argument too many";
        }
        return "there is no command '" + word + "'" + unmatched.getSuggestions().stream()
                .filter(similar -> word.startsWith(similar.substring(0, 1))).findFirst() // picocli finds too many
                .map(similar -> "; did you mean '" + similar + "'?").orElse("");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }

    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"heddle " + Version.text() + " (Java " + Runtime.version() + ")"};
        }
    }
}
