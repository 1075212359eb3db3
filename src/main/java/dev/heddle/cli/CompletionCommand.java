package dev.heddle.cli;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;

import java.util.concurrent.Callable;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code heddle completion}: prints the script that completes commands and options in bash and zsh. */
@Command(name = "completion", description = "Print a completion script for bash and zsh.", usageHelpWidth = 100,
        footer = {"", "Use it at once:    source <(heddle completion)",
            "In every new bash:",
            "  heddle completion | install -D /dev/stdin ~/.local/share/bash-completion/completions/heddle"})
final class CompletionCommand implements Callable<Integer> {
    @Override
    public Integer call() throws LocalStreamException {
        StandardOutput.OUT.print(AutoComplete.bash("heddle", HeddleCommand.commandLine()));
        return ExitCodes.OK;
    }
}
