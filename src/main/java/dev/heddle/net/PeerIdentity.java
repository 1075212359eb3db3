package dev.heddle.net;

/** What the transport itself proves about the client at the other end of a connection. */
public sealed interface PeerIdentity {
    /** Nothing is proved: plain TCP, or TLS without a client certificate. */
    record Unproven() implements PeerIdentity {}

    /** A user of this host, as the kernel says: SO_PEERCRED in {@code unix(7)}. */
    record LocalUser(String name) implements PeerIdentity {}

    /**
     * The holder of a certificate that a trusted authority has signed.
     *
     * @param subject its distinguished name, as RFC 2253 writes it
     */
    record Certificate(String subject) implements PeerIdentity {}
}
