package dev.heddle.client;

import dev.heddle.command.Outcome;

import java.util.List;
import java.util.Optional;

/**
 * A part of what a job has printed.
 *
 * @param cursor  where to read on
 * @param outcome how the job ended, once this is the last part; empty before
 * @param chunks  in the order of their arrival; none when there is nothing new
 */
public record JobOutput(long cursor, Optional<Outcome> outcome, List<Chunk> chunks) {
    /**
     * Bytes of one stream.
     *
     * @param stderr true for stderr, false for stdout
     * @param offset of the first byte, counted over both streams together from 0; bytes between the end of the chunk
     *               before and this offset were not kept
     */
    public record Chunk(boolean stderr, long offset, byte[] bytes) {}
}
