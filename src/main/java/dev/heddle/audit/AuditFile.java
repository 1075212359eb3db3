package dev.heddle.audit;

import dev.heddle.platform.RegularFile;
import dev.heddle.time.Deadline;
import dev.heddle.time.Guard;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that lines are appended to. Callers only put lines into a buffer; one daemon thread writes what has gathered
 * there, because a write to a disk holds its thread, and a virtual thread would hold a carrier. A caller that finds the
 * buffer full waits. Lines are lost only when the disk takes none for {@link #MAX_WAIT}, or fails; that is logged and
 * counted, and commands go on, without further waits until the disk is back.
 *
 * <p><b>Threading:</b> any thread may call; the caller that made it closes it.
 */
final class AuditFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
    private static final int BUFFER_BYTES = 4 << 20;
    private static final Duration MAX_WAIT = Duration.ofSeconds(5);

    private final Path path;
    private final Thread thread;
    private final AtomicLong lost = new AtomicLong();
    private final AtomicBoolean complained = new AtomicBoolean(); // whether the present loss has been logged
    private final Guard lock = new Guard();
    private final Condition changed = lock.newCondition();
    private ByteArrayOutputStream buffer = new ByteArrayOutputStream(); // this and all below: guarded by lock
    private int lines; // in the buffer
    private boolean reopen;
    private boolean closed;
    private FileChannel channel; // the writing thread's, once that runs
    private boolean torn; // the writing thread's too; the file ends in the middle of a line

    /** Opens the file; only its owner can read a new one. */
    AuditFile(Path path) throws IOException {
        this.path = path;
        torn = endsInsideLine(path);
        channel = open(path);
        thread = Thread.ofPlatform().daemon().name("audit-log").start(this::work);
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /**
     * Tells whether the file ends in the middle of a line, as after a crash, or when the disk was full. A path that is
     * not a file, such as a pipe, is not looked at.
     */
    private static boolean endsInsideLine(Path path) throws IOException {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return false;
        }
        try (FileChannel existing = FileChannel.open(path)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return existing.size() > 0 && existing.read(last, existing.size() - 1) == 1 && last.get(0) != '\n';
        }
    }

    /** Puts a line, with its line feed, after all others. An interrupt does not end the wait for room. */
    void append(byte[] line) {
        put(line).ifPresent(reason -> lose(1, reason)); // not under the lock: complaining means writing, too
    }

    /** Returns the reason when that failed. */
    private Optional<String> put(byte[] line) {
        boolean interrupted = false;
        Deadline deadline = null;
        try (Guard.Held held = lock.hold()) {
            while (buffer.size() + line.length > BUFFER_BYTES && buffer.size() > 0 && !closed) {
                deadline = deadline == null ? Deadline.in(MAX_WAIT) : deadline;
                long left = deadline.left();
                if (complained.get() || left <= 0) {
                    return Optional.of("the disk has not taken any for " + MAX_WAIT.toSeconds() + " s");
                }
                try {
                    changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (closed) {
                return Optional.of("the log is closed");
            }
            buffer.writeBytes(line);
            lines++;
            changed.signalAll();
            return Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    long lost() {
        return lost.get();
    }

    /** Sends the lines from now on to a new file of this name, as log rotation needs it. Does not block. */
    void reopen() {
        try (Guard.Held held = lock.hold()) {
            reopen = true;
            changed.signalAll();
        }
    }

    private void work() {
        try {
            while (writeNext()) { }
            channel.close();
        } catch (IOException e) {
            LOG.error("closing the audit log {}: {}", path, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no code interrupts this thread
        }
    }

    /** Waits for something to do and does it. False when nothing more will come. */
    private boolean writeNext() throws InterruptedException {
        ByteArrayOutputStream taken;
        int count;
        boolean toReopen;
        try (Guard.Held held = lock.holdInterruptibly()) {
            while (buffer.size() == 0 && !reopen && !closed) {
                changed.await();
            }
            if (buffer.size() == 0 && !reopen) {
                return false;
            }
            taken = buffer;
            count = lines;
            toReopen = reopen;
            buffer = new ByteArrayOutputStream();
            lines = 0;
            reopen = false;
            changed.signalAll();
        }
        if (toReopen) {
            openAgain();
        }
        try {
            write(taken.toByteArray(), count);
        } catch (RuntimeException | Error e) {
            lose(count, e.toString()); // for example when memory is short; all lines, because it is unknown which
        }
        return true;
    }

    private void openAgain() {
        try {
            RegularFile.require(path);
            boolean nextTorn = endsInsideLine(path);
            FileChannel next = open(path);
            channel.close();
            channel = next;
            torn = nextTorn;
        } catch (IOException e) {
            LOG.error("the audit log {} cannot be opened again, the old file stays in use: {}", path, e.getMessage());
        }
    }

    private void write(byte[] bytes, int count) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        try {
            if (torn && bytes.length > 0) {
                channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
                torn = false;
            }
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            if (bytes.length > 0) {
                complained.set(false);
            }
        } catch (IOException e) {
            torn |= rest.position() > 0 && bytes[rest.position() - 1] != '\n';
            long written = 0;
            for (int i = 0; i < rest.position(); i++) {
                written += bytes[i] == '\n' ? 1 : 0;
            }
            lose(count - written, e.getMessage());
        }
    }

    /** Logs a loss once, and again only when a write has succeeded in between. */
    private void lose(long count, String reason) {
        lost.addAndGet(count);
        if (complained.compareAndSet(false, true)) {
            LOG.error("lines of the audit log {} are lost: {}", path, reason);
        }
    }

    /** Writes the remaining lines, and takes no more. Blocks until that is done. */
    @Override
    public void close() {
        try (Guard.Held held = lock.hold()) {
            closed = true;
            changed.signalAll();
        }
        try {
            Deadline.in(MAX_WAIT).join(thread);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (lost() > 0) {
            LOG.error("the audit log {} lacks {} lines", path, lost());
        }
    }
}
