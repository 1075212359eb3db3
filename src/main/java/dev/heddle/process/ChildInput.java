package dev.heddle.process;

import java.io.IOException;

/** The writing end of the pipe that is a child's stdin. */
public interface ChildInput {
    /** Writes all bytes; blocks while the pipe is full. Fails when the child or the server has closed the pipe. */
    void write(byte[] bytes, int offset, int length) throws IOException, InterruptedException;

    /** Lets the child see the end of its input, behind everything written so far. Does not block. */
    void close();
}
