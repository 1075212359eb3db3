package dev.heddle.cli;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.server.Version;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Renders the description of the command line as a manual page, in the macros of man(7). */
final class ManPage {
    /** The beginning of a line that roff would take for a request. */
    private static final Pattern REQUEST = Pattern.compile("(?m)^(?=[.'])");

    private final StringBuilder page = new StringBuilder();

    ManPage(CommandLine heddle) {
        CommandSpec spec = heddle.getCommandSpec();
        line(".TH HEDDLE 1 \"\" \"heddle " + Version.text() + "\" \"User Commands\"");
        section("NAME");
        text("heddle - run commands for clients over a socket");
        section("SYNOPSIS");
        line(".B heddle");
        text("COMMAND [OPTION]... [ARGUMENT]...");
        section("DESCRIPTION");
        text(String.join(" ", spec.usageMessage().header()));
        section("COMMANDS");
        heddle.getSubcommands().values().stream().map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden()).forEach(this::command);
        section("EXIT STATUS");
        item("0-255", "With run, sh, wait and logs -f: the exit code of the command.");
        item("128+N", "Signal N killed the command, or has ended heddle itself.");
        item(ExitCodes.TIMED_OUT, "The command's time was up.");
        item(ExitCodes.REFUSED, "The server refused to run the command, or ended it.");
        item(ExitCodes.NOT_EXECUTABLE, "The program cannot be executed.");
        item(ExitCodes.NOT_FOUND, "There is no such program.");
        item(ExitCodes.BROKEN_PIPE, "The reader of stdout has left.");
        item(ExitCodes.CONNECTION, "No connection, or trouble with it; a mistake in the command line of a client;"
                + " a client cannot start.");
        item(ExitCodes.FAILED, "serve: it could not start, or had to end commands by force."
                + " Clients: their output cannot be written.");
        item(ExitCodes.USAGE, "serve: a mistake in its command line.");
        item("69", "There is no JDK that fits (clients: 255).");
        section("ENVIRONMENT");
        item("HEDDLE_HOST", "The server of all clients, where --host does not say.");
        item("HEDDLE_JAVA_HOME", "The JDK to use. Default: JAVA_HOME, the java on PATH, then the usual folders.");
        item("HEDDLE_JAVA_OPTS", "Options for the JVM, such as -Xmx2g. "
                + "Without that, the heap has at most 1 GiB and a quarter of the memory.");
        item("XDG_CACHE_HOME", "Where the folder heddle holds what makes starts faster. Default: ~/.cache.");
        text("Each option of serve is a variable too: --hangup-grace is HEDDLE_HANGUP_GRACE.");
    }

    private void command(CommandSpec command) {
        line(".SS \"" + escaped(synopsis(command)) + "\"");
        text(String.join(" ", command.usageMessage().description()));
        command.positionalParameters().stream().filter(parameter -> !parameter.hidden())
                .forEach(parameter -> item(parameter.paramLabel(), description(parameter)));
        command.options().stream().filter(option -> !option.hidden() && !option.usageHelp())
                .forEach(option -> item(names(option), description(option)));
        List<String> footer = Arrays.stream(command.usageMessage().footer()).filter(l -> !l.isBlank()).toList();
        if (!footer.isEmpty()) {
            line(".P");
            footer.forEach(line -> {
                text(line);
                line(".br");
            });
        }
    }

    private static String synopsis(CommandSpec command) {
        String options = command.options().size() > 1 ? " [OPTION]..." : ""; // more than --help
        return "heddle " + command.name() + options + command.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .map(parameter -> (parameter.required() ? " " : " [") + parameter.paramLabel()
                        + (parameter.arity().max() > 1 ? "..." : "") + (parameter.required() ? "" : "]"))
                .collect(Collectors.joining());
    }

    private static String names(OptionSpec option) {
        String label = option.arity().max() == 0 ? "" // a flag
                : option.arity().min() == 0 ? "[=" + option.paramLabel() + "]" : "=" + option.paramLabel();
        return String.join(", ", option.names()) + label;
    }

    private static String description(ArgSpec argument) {
        String value = argument.defaultValue();
        String description = String.join(" ", argument.description());
        boolean told = value == null || value.equals("false") || description.contains("Default: ");
        return told ? description : description + " Default: " + value + ".";
    }

    private void section(String name) {
        line(".SH " + name);
    }

    private void item(int exitCode, String text) {
        item(Integer.toString(exitCode), text);
    }

    private void item(String term, String text) {
        line(".TP");
        line(".B \"" + escaped(term) + "\"");
        text(text);
    }

    private void text(String text) {
        line(REQUEST.matcher(escaped(text)).replaceAll("\\\\&"));
    }

    private void line(String line) {
        page.append(line).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("…", "...").replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
    }

    @Override
    public String toString() {
        return page.toString();
    }
}
