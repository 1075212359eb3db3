/**
 * What faces on sockets have in common: listeners, connection permits, connected clients with their threads and
 * timeouts, TLS. It knows no protocol.
 *
 * <p>A {@link dev.heddle.net.Listener} accepts, the {@link dev.heddle.net.ClientRegistry} starts the client's thread,
 * which runs a {@link dev.heddle.net.ClientSession} of the {@link dev.heddle.net.Protocol}; a session whose requests
 * may take long has a {@link dev.heddle.net.Connection} with a second thread, the
 * {@link dev.heddle.net.RequestWorker}.
 */
package dev.heddle.net;
