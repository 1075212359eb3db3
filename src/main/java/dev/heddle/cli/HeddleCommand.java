package dev.heddle.cli;

import dev.heddle.server.Version;

import java.time.Duration;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code heddle} itself: finds the subcommand, and turns what goes wrong into one line and an exit code. */
@Command(name = "heddle", versionProvider = HeddleCommand.VersionLine.class,
        header = "Runs commands for clients over a socket, and answers with what they printed and how they ended.",
        synopsisSubcommandLabel = "COMMAND", subcommands = {ServeCommand.class, RunCommand.class, ShCommand.class,
            ShellCommand.class, StartCommand.class, JobsCommand.class, LogsCommand.class, WaitCommand.class,
            KillCommand.class, TokenCommand.class, ReadyCommand.class, UpperCommand.class},
        footer = {"", "Every option of a command is shown by 'heddle COMMAND --help'."})
public final class HeddleCommand implements Runnable {
    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version and exit.")
    private boolean version;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private HeddleCommand() {}

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs the command line on the calling thread; returns its exit code. */
    public static int execute(String... args) {
        CommandLine commandLine = new CommandLine(new HeddleCommand());
        commandLine.registerConverter(Duration.class, new DurationConverter());
        commandLine.registerConverter(ByteSize.class, ByteSize::parse);
        commandLine.registerConverter(HostAndPort.class, HostAndPort::parse);
        commandLine.registerConverter(ServerName.class, ServerName::parse);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(HeddleCommand::usageError);
        for (String remote : new String[] {"run", "sh", "start"}) {
            commandLine.getSubcommands().get(remote).setStopAtPositional(true); // the rest is the command's own
        }
        return commandLine.execute(args);
    }

    private static int usageError(ParameterException e, String[] args) {
        CommandLine.Model.CommandSpec command = e.getCommandLine().getCommandSpec();
        complain(command.qualifiedName() + ": " + e.getMessage() + " (see '" + command.qualifiedName()
                + " --help')");
        return command.exitCodeOnInvalidInput();
    }

    /** One line on stderr. */
    static void complain(String message) {
        System.err.println(message.replace('\n', ' '));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    static final class VersionLine implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"heddle " + Version.text() + " (Java " + Runtime.version() + ")"};
        }
    }
}
