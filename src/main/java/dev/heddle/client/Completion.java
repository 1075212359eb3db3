package dev.heddle.client;

import dev.heddle.command.Outcome;
import dev.heddle.command.Usage;

/** That a command has ended: how, and what it has used. Its output has been delivered elsewhere. */
public record Completion(Outcome outcome, Usage usage) {}
