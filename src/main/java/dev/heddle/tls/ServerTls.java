package dev.heddle.tls;

import dev.heddle.platform.FileState;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of TLS for all of its clients, on the files as they are now: each handshake first checks whether
 * they have changed, so that no restart and no watching thread is needed. Safe for all threads.
 */
public final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    /** Whether clients have to show a certificate. */
    public enum ClientAuth { NONE, OPTIONAL, REQUIRED }

    private final PemIdentity identity;
    private final ClientAuth clientAuth;
    private final ReentrantLock loading = new ReentrantLock(); // held while files are read
    private List<FileState> seen = List.of(); // guarded by loading; of the files that were read last, good or bad
    private volatile long lookedNanos; // the thread that looked last writes it, all read it
    private volatile SSLContext context; // written while loading is held, read by all threads

    /** Reads the files, whose authorities are those of clients. If that fails the message names option and file. */
    public ServerTls(PemIdentity identity, ClientAuth clientAuth) throws IOException {
        this.identity = identity;
        this.clientAuth = clientAuth;
        reload();
    }

    /**
     * Reads the files again, even unchanged. If that fails, the old ones stay in force. Connections keep what they
     * have.
     */
    public void reload() throws IOException {
        loading.lock();
        try {
            lookedNanos = System.nanoTime();
            seen = states(); // taken before the files are read: a change meanwhile is seen the next time
            identity.requireRegularFiles();
            PemIdentity.Loaded fresh = identity.load();
            if (fresh.keyIsExposed()) {
                LOG.warn("{}: others on this machine can read or change this key; chmod 600 keeps them out",
                        identity.key().orElseThrow().path());
            }
            context = fresh.context();
        } finally {
            loading.unlock();
        }
    }

    private List<FileState> states() {
        return identity.files().stream().map(FileState::of).toList();
    }

    /** Makes an engine for one client. Reads the files if they have changed, so it may block on the file system. */
    public SSLEngine engine() {
        look();
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(VERSIONS);
        parameters.setUseCipherSuitesOrder(true);
        switch (clientAuth) {
            case NONE -> { }
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private void look() {
        if (System.nanoTime() - lookedNanos < LOOK_NANOS || !loading.tryLock()) {
            return; // another thread has just looked, or is looking
        }
        try {
            lookedNanos = System.nanoTime();
            if (!states().equals(seen)) {
                reloadOrKeep();
            }
        } finally {
            loading.unlock();
        }
    }

    /** Reads the files again, and logs the outcome instead of throwing. */
    public void reloadOrKeep() {
        try {
            reload();
            LOG.info("new TLS certificate from {}", identity.certificate().orElseThrow().path());
        } catch (IOException e) {
            LOG.warn("the old TLS certificate stays in force: {}", e.getMessage());
        }
    }
}
