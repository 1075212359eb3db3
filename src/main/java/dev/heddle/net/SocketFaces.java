package dev.heddle.net;

import dev.heddle.time.Deadline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** The faces that clients reach over sockets: their listeners, and the clients of all of them together. */
public final class SocketFaces implements Face {
    private final ThreadFactory threads;
    private final ClientRegistry clients;
    private final ClientWatch watch;
    private final List<Listener> listeners = new ArrayList<>(); // complete before the first thread starts

    public SocketFaces(ThreadFactory threads, ClientRegistry clients, Duration writeTimeout, ClientTimeouts timeouts) {
        this.threads = threads;
        this.clients = clients;
        watch = new ClientWatch(clients.all(), writeTimeout, timeouts);
    }

    /** Adds a listener, which accepts clients once the faces are open. Its socket is closed with them. */
    public void listen(String name, ListenSocket socket, Protocol protocol) {
        listeners.add(new Listener(name, socket, protocol, clients));
    }

    @Override
    public void open() {
        listeners.forEach(listener -> startTaker(listener::acceptClients));
        startTaker(clients.permits()::serveLine);
    }

    /** Starts a thread that takes permits until the faces refuse new clients. */
    private void startTaker(Runnable loop) {
        clients.permits().takerStarts();
        threads.newThread(loop).start();
    }

    @Override
    public void refuseNew() {
        listeners.forEach(Listener::close);
        clients.permits().close();
    }

    @Override
    public void end(StopStep step) {
        clients.end(step);
    }

    @Override
    public boolean awaitEnd(Deadline deadline) throws InterruptedException {
        return clients.permits().awaitAllFree(deadline);
    }

    @Override
    public long clients() {
        return clients.connected();
    }

    @Override
    public void close() {
        refuseNew();
        watch.close();
    }
}
