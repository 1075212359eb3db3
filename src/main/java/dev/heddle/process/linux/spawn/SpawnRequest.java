package dev.heddle.process.linux.spawn;

import dev.heddle.command.RefusedException;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.CStrings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory that {@code posix_spawn(3)} reads a start from, and writes its result to.
 *
 * @param argv        pointers to the words
 * @param environment pointers to the entries
 * @param actions     what the child does before its exec
 * @param pid         where the child's number is written
 */
record SpawnRequest(MemorySegment argv, MemorySegment environment, MemorySegment actions, MemorySegment pid) {
    /** Copies the words of a spec; the actions are still to be filled in. */
    static SpawnRequest of(ProcessSpec spec, Arena arena) throws RefusedException {
        return new SpawnRequest(CStrings.array(spec.argv(), arena), CStrings.array(spec.environment(), arena),
                arena.allocate(Abi.FILE_ACTIONS_BYTES, 16), arena.allocate(Integer.BYTES, Integer.BYTES));
    }
}
