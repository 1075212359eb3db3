package dev.heddle.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A TCP connection, with TLS or without.
 *
 * @param raw    the TCP connection: to close this one ends everything, while an SSLSocket's own close may wait for a
 *               write that another thread is blocked in
 * @param spoken what is read and written; the raw connection without TLS
 */
record SocketWire(Socket raw, Socket spoken, InputStream input, OutputStream output) implements Wire {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    static SocketWire tcp(Socket socket) throws IOException {
        return new SocketWire(socket, socket, socket.getInputStream(), socket.getOutputStream());
    }

    /** Makes a wire of a socket, which it owns from now on; blocks for the handshake. */
    static SocketWire tls(Socket raw, ServerAddress.Tls address, Duration timeout) throws IOException {
        boolean done = false;
        try {
            SSLSocket tls = (SSLSocket) address.context().getSocketFactory()
                    .createSocket(raw, address.host(), address.port(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setProtocols(VERSIONS);
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the host's name, as RFC 9110, 4.3.4, compares it
            tls.setSSLParameters(parameters);
            raw.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            tls.startHandshake();
            done = true;
            return new SocketWire(raw, tls, tls.getInputStream(), tls.getOutputStream());
        } catch (SocketTimeoutException e) {
            throw (IOException) new SocketTimeoutException("the TLS handshake took too long").initCause(e);
        } catch (SSLException e) {
            throw explained(e);
        } finally {
            if (!done) {
                raw.close();
            }
        }
    }

    /** Replaces the JDK's texts, which tell what happened inside of it, by one for users. */
    private static IOException explained(SSLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return because(e, "no trusted authority has signed the server's certificate");
            } else if (cause instanceof CertPathValidatorException invalid) {
                return because(e, "the server's certificate is not valid: " + invalid.getMessage());
            } else if (cause instanceof CertificateException wrong && !(wrong.getCause() instanceof Exception)) {
                return because(e, "the server's certificate is not for this host: " + wrong.getMessage());
            } else if (cause instanceof EOFException) {
                return because(e, "the server ended the TLS handshake; perhaps it does not speak TLS on this port");
            }
        }
        return e instanceof SSLHandshakeException ? e
                : because(e, "the server does not speak TLS on this port: " + e.getMessage());
    }

    private static SSLHandshakeException because(SSLException cause, String text) {
        return (SSLHandshakeException) new SSLHandshakeException(text).initCause(cause);
    }

    @Override
    public void readTimeout(int millis) throws SocketException {
        raw.setSoTimeout(millis);
    }

    @Override
    public boolean isOnThisMachine() {
        return raw.getInetAddress().isLoopbackAddress();
    }

    @Override
    public boolean isClosed() {
        return raw.isClosed();
    }

    /** Resets the connection: after a plain close the server would give the command its grace. */
    @Override
    public void breakOff() throws IOException {
        try {
            raw.setSoLinger(true, 0);
        } catch (SocketException e) {
            if (!raw.isClosed()) { // else another thread has closed it
                throw e;
            }
        }
        raw.close();
    }

    @Override
    public void close() throws IOException {
        try {
            if (spoken != raw && !raw.isClosed()) {
                spoken.shutdownOutput(); // the close_notify; no thread writes, so it does not block
            }
        } catch (SocketException | SSLException e) {
            raw.close(); // the server has closed first, and needs no notice
        } finally {
            raw.close();
        }
    }
}
