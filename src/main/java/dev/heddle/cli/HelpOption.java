package dev.heddle.cli;

import picocli.CommandLine.Option;

/** The option of every subcommand, the last one in its help. */
final class HelpOption {
    @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
    private boolean help;
}
