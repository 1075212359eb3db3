package dev.heddle.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes connections on to a server, and breaks one of them at the worst moment: the first request with the marker
 * reaches the server, its reply does not reach the client, and the client's connection ends. All that comes later
 * passes. Two threads for each connection, which end with it; {@link #close} ends all connections.
 */
public final class DroppingProxy implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** What the client sees of it; some resend by themselves after the one, and not after the other. */
    public enum Ending { CLOSE, RESET }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private final String marker;
    private final Ending ending;
    private final Callable<Boolean> received;
    private final AtomicInteger marked = new AtomicInteger();
    private final CountDownLatch replied = new CountDownLatch(1);
    private final CountDownLatch dropped = new CountDownLatch(1);
    private final Collection<Link> links = new ConcurrentLinkedQueue<>();

    private DroppingProxy(int serverPort, String marker, Ending ending, Callable<Boolean> received)
            throws IOException {
        this.serverPort = serverPort;
        this.marker = marker;
        this.ending = ending;
        this.received = received == null ? () -> replied.getCount() == 0 : received;
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /** Ends the connection when the server has answered the request, and the answer is lost. */
    public static DroppingProxy losingTheReply(int serverPort, String marker, Ending ending) throws IOException {
        return new DroppingProxy(serverPort, marker, ending, null);
    }

    /** Ends the connection once the condition holds, which shows that the server has received the request. */
    public static DroppingProxy droppingOnce(int serverPort, String marker, Ending ending,
                                             Callable<Boolean> received) throws IOException {
        return new DroppingProxy(serverPort, marker, ending, received);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many requests with the marker have come. */
    public int marked() {
        return marked.get();
    }

    public void awaitDrop() throws InterruptedException {
        if (!dropped.await(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no connection has been dropped; requests with the marker: " + marked);
        }
    }

    private void accept() {
        try {
            while (true) {
                Link link = new Link(listener.accept());
                links.add(link);
                Thread.ofVirtual().name("proxy-requests").start(link::requests);
                Thread.ofVirtual().name("proxy-replies").start(link::replies);
            }
        } catch (IOException e) {
            links.forEach(Link::reset); // closed
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links.forEach(Link::reset);
    }

    /** A connection of a client, and the one to the server that belongs to it. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean muted; // requests() writes, replies() reads

        Link(Socket client) throws IOException {
            this.client = client;
            server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        }

        void requests() {
            ByteArrayOutputStream unmarked = new ByteArrayOutputStream(); // the marker may come in pieces
            byte[] piece = new byte[8192];
            try {
                for (int n = client.getInputStream().read(piece); n >= 0; n = client.getInputStream().read(piece)) {
                    unmarked.write(piece, 0, n);
                    boolean first = false;
                    if (unmarked.toString(StandardCharsets.ISO_8859_1).contains(marker)) {
                        unmarked.reset();
                        first = marked.getAndIncrement() == 0;
                        muted = first;
                    }
                    server.getOutputStream().write(piece, 0, n);
                    if (first) {
                        Await.until("the server has received the request", DEADLINE, received);
                        drop();
                        return;
                    }
                }
                server.shutdownOutput();
            } catch (Exception e) {
                reset(); // one of the two has left
            }
        }

        void replies() {
            byte[] piece = new byte[8192];
            try {
                for (int n = server.getInputStream().read(piece); n >= 0; n = server.getInputStream().read(piece)) {
                    if (muted) {
                        replied.countDown();
                    } else {
                        client.getOutputStream().write(piece, 0, n);
                    }
                }
                client.close();
            } catch (IOException e) {
                reset(); // one of the two has left
            }
        }

        private void drop() throws IOException {
            if (ending == Ending.CLOSE) {
                client.shutdownOutput();
                dropped.countDown();
                client.getInputStream().transferTo(OutputStream.nullOutputStream()); // until it closes, too
            }
            reset();
            dropped.countDown();
        }

        void reset() {
            for (Socket socket : new Socket[] {client, server}) {
                try (socket) {
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    // closed already, which is what it is for
                }
            }
        }
    }
}
