package dev.heddle.face.resp;

import dev.heddle.access.Access;

import java.time.Duration;

/**
 * What RESP sessions need to know of the server's configuration.
 *
 * @param access          who may do what
 * @param maxRequestBytes of one request, all its words together
 * @param hangupGrace     how long a command may go on once its client has closed its side
 * @param maxClients      as {@code INFO} shows it
 * @param threadMode      as {@code INFO} shows it
 * @param version         of the server, as {@code HELLO} shows it
 */
public record RespSettings(Access access, int maxRequestBytes, Duration hangupGrace,
                           int maxClients, String threadMode, String version) {}
