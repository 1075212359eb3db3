package dev.heddle.process.linux.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C library that the JVM runs on. A call takes a place for its errno, because the JVM may overwrite the thread's
 * own. Initialising a class fails with an {@link UnsatisfiedLinkError} when the C library lacks a function of it.
 */
public final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CAPTURED.byteOffset(PathElement.groupElement("errno"));

    /** The place for an errno that is not read. */
    static final MemorySegment IGNORED_ERRNO = errnoPlace(Arena.global());

    private Libc() {}

    public static CFunction function(String name) {
        return new CFunction(LINKER.defaultLookup().find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name)));
    }

    /** A handle that takes the function's address and the errno's place before the arguments. */
    static MethodHandle downcall(FunctionDescriptor shape) {
        int words = shape.argumentLayouts().size();
        return LINKER.downcallHandle(shape, CAPTURE, Linker.Option.firstVariadicArg(words)); // variadic, with none such
    }

    static MemorySegment errnoPlace(Arena arena) {
        return arena.allocate(CAPTURED);
    }

    static int errno(MemorySegment place) {
        return place.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }
}
