package dev.heddle.command;

/**
 * On whose behalf a command runs; for those who observe commands, and of no influence on the command.
 *
 * @param protocol by which the request came, as in {@code resp}
 * @param user     as whom the client has logged in
 * @param peer     the client's address
 */
public record Caller(String protocol, String user, String peer) {}
