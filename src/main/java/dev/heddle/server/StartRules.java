package dev.heddle.server;

import dev.heddle.server.ListenAddress.FaceName;
import dev.heddle.server.ListenAddress.Transport;
import dev.heddle.server.ServerConfig.Security;

import java.net.InetSocketAddress;

/** Refuses to start a server by which strangers could run commands, or users more than they may. */
public final class StartRules {
    private StartRules() {}

    /**
     * Refuses several ways to let clients in, because they exclude one another.
     *
     * @param password whether HEDDLE_PASSWORD is set
     * @throws UnsafeStartException with a message that says which of them to leave out
     */
    public static void requireOneWayIn(boolean password, boolean usersFile, boolean noAuth)
            throws UnsafeStartException {
        if (noAuth && usersFile) {
            throw new UnsafeStartException("--no-auth lets in everybody whom --users keeps out: leave one of them out");
        }
        if (noAuth && password) {
            throw new UnsafeStartException("--no-auth would make nothing of the password in HEDDLE_PASSWORD:"
                    + " unset it, or leave out --no-auth");
        }
        if (usersFile && password) {
            throw new UnsafeStartException("HEDDLE_PASSWORD is for a server with one user: unset it, and put a user"
                    + " 'default' into the file of --users ('heddle token' shows how)");
        }
    }

    /** @throws UnsafeStartException when one of the listeners must not be there */
    static void requireSafe(ServerConfig config) throws UnsafeStartException {
        for (ListenAddress address : config.listen()) {
            if (address.transport() == Transport.TLS && config.transports().tls().isEmpty()) {
                throw new UnsafeStartException(address + " needs a certificate and its key: give --tls-cert FILE and"
                        + " --tls-key FILE");
            }
            if (address.face() == FaceName.READY && config.security().access().hasUsersFile()) {
                throw new UnsafeStartException(address + ": over ready://, which has no authentication, every program"
                        + " on this machine gets around the policies of --users; leave one of them out");
            }
        }
    }

    /**
     * Looks at one listener on a network. On a Unix-domain socket the kernel says who the client is.
     *
     * @throws UnsafeStartException with a message that says which option makes it safe
     */
    static void requireSafe(ListenAddress address, InetSocketAddress resolved, Security security)
            throws UnsafeStartException {
        boolean local = resolved.getAddress().isLoopbackAddress();
        switch (address.face()) {
            case RESP -> {
                if (!local && security.access().isOpen()) {
                    throw new UnsafeStartException("--no-auth is for loopback addresses only: with " + address
                            + " everybody on the network could run commands; leave it out, and clients must give a"
                            + " token, or set HEDDLE_PASSWORD instead");
                }
            }
            case READY -> {
                if (!local) {
                    throw new UnsafeStartException(address + ": ready:// has no authentication and is for"
                            + " loopback addresses only");
                }
                if (!security.trustLocalUsers()) {
                    throw new UnsafeStartException(address + ": ready:// has no authentication: everybody on this"
                            + " machine could run commands as you; give --trust-local-users if they may");
                }
            }
            case UPPER -> { } // runs nothing
        }
        if (!local && address.transport() != Transport.TLS && !security.allowPlaintext()) {
            throw new UnsafeStartException("everything would cross the network unencrypted on " + address
                    + "; listen on resps:// or a loopback address, or give --allow-plaintext if the network is"
                    + " trusted");
        }
    }
}
