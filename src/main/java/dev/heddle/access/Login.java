package dev.heddle.access;

import dev.heddle.net.PeerIdentity;

import java.util.Optional;

/**
 * A user that a client has proved to be. It holds for as long as {@link Access#current} returns it.
 *
 * @param identity what proved it; empty for a token
 * @param among    the users at that time
 */
public record Login(User user, Optional<PeerIdentity> identity, Users among) {}
