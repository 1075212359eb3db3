package dev.heddle.access;

import dev.heddle.net.PeerIdentity;

import java.util.Optional;

/**
 * A user as a client has proved to be. It holds for as long as {@link Access#current} says so.
 *
 * @param identity by which; empty when it was by a token
 * @param among    the users there were then
 */
public record Login(User user, Optional<PeerIdentity> identity, Users among) {}
