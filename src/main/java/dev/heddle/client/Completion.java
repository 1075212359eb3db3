package dev.heddle.client;

/** That a command has ended: how, and what it has used. Its output has been delivered elsewhere. */
public record Completion(Ending ending, Usage usage) {}
