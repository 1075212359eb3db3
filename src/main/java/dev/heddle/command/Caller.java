package dev.heddle.command;

/** On whose behalf something is done. The number of the connection is 0 for a caller without one. */
public record Caller(String face, String user, String peer, long client) {}
