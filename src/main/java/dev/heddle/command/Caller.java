package dev.heddle.command;

/**
 * On whose behalf something is done.
 *
 * @param face   by which the request came, as in {@code resp}
 * @param user   as whom the client has logged in
 * @param peer   the client's address
 * @param client the number of the connection, the same everywhere; 0 for a caller without one
 */
public record Caller(String face, String user, String peer, long client) {}
