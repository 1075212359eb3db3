package dev.heddle.client;

import dev.heddle.command.Outcome;
import dev.heddle.command.Usage;

/** Tells how a command ended and what it used. Its output was delivered elsewhere. */
public record Completion(Outcome outcome, Usage usage) {}
