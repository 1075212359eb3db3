package dev.heddle.process.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Makes the handles of C functions. Functions whose errno matters take one more first argument, a place for
 * the errno of this one call, because the JVM may use the thread's own errno before anybody could read it.
 *
 * <p>Initialising this class or one that calls it fails with an {@link UnsatisfiedLinkError} when the C
 * library lacks a function.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CAPTURED.byteOffset(PathElement.groupElement("errno"));

    private Libc() {}

    static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(symbol(name), type);
    }

    static MethodHandle withErrno(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(symbol(name), type, CAPTURE);
    }

    /** A function whose arguments from this index on are the {@code ...} of its C declaration. */
    static MethodHandle variadicWithErrno(String name, int firstVariadic, FunctionDescriptor type) {
        return LINKER.downcallHandle(symbol(name), type, CAPTURE,
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup().find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    }

    static MemorySegment errnoPlace(Arena arena) {
        return arena.allocate(CAPTURED);
    }

    static int errno(MemorySegment place) {
        return place.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** For what a handle itself can throw, which is nothing unless a signature here is wrong. */
    static IllegalStateException broken(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a C function cannot be called", e);
    }
}
