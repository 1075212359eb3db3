package dev.heddle.memory;

import dev.heddle.command.CommandEnd;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a read of an {@link OutputLog} has found. It is used by one thread, which closes it once it has been sent: until
 * then its memory stays as it is, and counts.
 */
public final class Page implements AutoCloseable {
    private final long next;
    private final Optional<CommandEnd> end;
    private final Parts parts;
    private Runnable onClose;

    Page(long next, Optional<CommandEnd> end, Parts parts, Runnable onClose) {
        this.next = next;
        this.end = end;
        this.parts = parts;
        this.onClose = onClose;
    }

    /**
     * A part of the output, which lies in the memory of the log.
     *
     * @param stream {@link OutputLog#STDOUT} or {@link OutputLog#STDERR}
     * @param offset of its first byte, counted over both streams; a jump shows that bytes between were not kept
     * @param bytes  one behind the other, to be read once
     */
    public record Piece(int stream, long offset, List<ByteBuffer> bytes) {
        public int length() {
            return bytes.stream().mapToInt(ByteBuffer::remaining).sum();
        }
    }

    /** Where to go on. */
    public long next() {
        return next;
    }

    /** How the command ended; present only if there is nothing more to read behind this page. */
    public Optional<CommandEnd> end() {
        return end;
    }

    public List<Piece> pieces() {
        return parts.pieces;
    }

    @Override
    public void close() {
        Runnable first = onClose;
        onClose = () -> { };
        first.run();
        parts.letGo();
    }

    /** The pieces of a page while it is made. */
    static final class Parts {
        /** A smaller view is copied, so that it does not hold a chunk that its log forgets. */
        private static final int LEAST_HELD_BYTES = Segment.MAX_BYTES / 4;

        private final List<Piece> pieces = new ArrayList<>();
        private final List<Segment> held = new ArrayList<>();
        private int views;
        private long end;

        /** Adds at most so many bytes of a segment that its log may forget meanwhile, and returns how many. */
        int addHeld(Segment segment, long from, int maxBytes) {
            ByteBuffer view = segment.view(from, maxBytes);
            if (view.remaining() >= LEAST_HELD_BYTES) {
                segment.hold();
                held.add(segment);
            } else {
                view = ByteBuffer.allocate(view.remaining()).put(view).flip();
            }
            return add(segment.stream, from, view);
        }

        /** Adds bytes that stay where they are until the page is closed, and returns how many. */
        int add(int stream, long offset, ByteBuffer view) {
            Piece last = pieces.isEmpty() ? null : pieces.getLast();
            if (last == null || last.stream() != stream || end != offset) {
                last = new Piece(stream, offset, new ArrayList<>(1));
                pieces.add(last);
            }
            last.bytes().add(view);
            views++;
            end = offset + view.remaining();
            return view.remaining();
        }

        /** Of how many views it consists. */
        int size() {
            return views;
        }

        void letGo() {
            held.forEach(Segment::letGo);
            held.clear();
        }
    }
}
