package dev.heddle.process.linux.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Strings of C: bytes that end with a NUL, and so have no other NUL among them. */
public final class CStrings {
    private CStrings() {}

    public static MemorySegment one(byte[] bytes, Arena arena) throws RefusedException {
        requireNoNul(bytes);
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        put(bytes, copy, 0);
        return copy;
    }

    /** An array of pointers to strings, ended by a null pointer, as {@code execve(2)} takes it. */
    public static MemorySegment array(List<byte[]> strings, Arena arena) throws RefusedException {
        long size = (strings.size() + 1L) * ADDRESS.byteSize();
        for (byte[] string : strings) {
            requireNoNul(string);
            size += string.length + 1L;
        }
        MemorySegment block = arena.allocate(size, ADDRESS.byteSize()); // all zero
        long next = (strings.size() + 1L) * ADDRESS.byteSize();
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            put(string, block, next);
            block.setAtIndex(ADDRESS, i, block.asSlice(next));
            next += string.length + 1L;
        }
        return block;
    }

    /** Writes the bytes and a NUL. */
    public static void put(byte[] bytes, MemorySegment target, long offset) {
        MemorySegment.copy(bytes, 0, target, JAVA_BYTE, offset, bytes.length);
        target.set(JAVA_BYTE, offset + bytes.length, (byte) 0);
    }

    public static void requireNoNul(byte[] bytes) throws RefusedException {
        for (byte b : bytes) {
            if (b == 0) {
                throw new RefusedException(Refusal.BAD_ARGUMENT, "an argument contains a NUL byte");
            }
        }
    }
}
