package dev.heddle.cli;

import dev.heddle.cli.local.ExitCodes;
import dev.heddle.cli.local.LocalStreamException;
import dev.heddle.cli.local.StandardOutput;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;

/** {@code heddle man}: prints the manual page. */
@Command(name = "man", description = "Print the manual page.",
        footer = {"", "Read it:    heddle man | man -l -",
            "Install it: heddle man | install -D /dev/stdin ~/.local/share/man/man1/heddle.1"})
final class ManCommand implements Callable<Integer> {
    @Override
    public Integer call() throws LocalStreamException {
        StandardOutput.OUT.print(new ManPage(HeddleCommand.commandLine()).toString());
        return ExitCodes.OK;
    }
}
