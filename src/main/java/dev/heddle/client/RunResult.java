package dev.heddle.client;

import dev.heddle.command.Outcome;
import dev.heddle.command.Usage;

/**
 * What a command printed and how it ended.
 *
 * @param outcome how the command ended
 * @param usage   what it used; {@link Usage#bytesLeftOut} is more than 0 when the output is not whole
 * @param stdout  what was kept of it: all, or its head and its tail
 * @param stderr  what was kept of it: all, or its head and its tail
 */
public record RunResult(Outcome outcome, Usage usage, byte[] stdout, byte[] stderr) {}
