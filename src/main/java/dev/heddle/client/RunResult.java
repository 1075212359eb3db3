package dev.heddle.client;

/**
 * What a command printed and how it ended.
 *
 * @param ending how it came to its end
 * @param usage  what it used; {@link Usage#bytesLeftOut} is more than 0 when the output is not whole
 * @param stdout what was kept of it: all, or its head and its tail
 * @param stderr the same of stderr
 */
public record RunResult(Ending ending, Usage usage, byte[] stdout, byte[] stderr) {}
