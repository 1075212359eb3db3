package dev.heddle.server.resp;

import java.time.Duration;
import java.util.Optional;

/**
 * What RESP sessions need to know of the server's configuration.
 *
 * @param password        empty when no authentication is asked for
 * @param maxRequestBytes of one request, all its words together
 * @param hangupGrace     how long a command may go on once its client has closed its side
 * @param maxClients      as {@code INFO} shows it
 * @param threadMode      as {@code INFO} shows it
 * @param version         of the server, as {@code HELLO} shows it
 */
public record RespSettings(Optional<String> password, int maxRequestBytes, Duration hangupGrace,
                           int maxClients, String threadMode, String version) {}
