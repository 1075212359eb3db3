package dev.heddle.process.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library, called with up to six integers or pointers.
 *
 * <p>All calls have one shape, six words, because the JVM generates code for each shape at start, and the shapes of the
 * functions as declared took 65 ms. In the calling conventions of Linux (System V psABI for x86-64, AAPCS64) the first
 * six such arguments are in registers of their own, declared or variadic. Arguments that a function does not expect do
 * no harm, nor does the upper half of one that is an int. For variadic functions x86-64 wants the number of vector
 * registers in use, which the linker sets to none. The upper half of a result that is an int is undefined, and is cut
 * off here: no result is longer. Memory is passed as an address, so it must be native, and must live until the call has
 * returned.
 */
public record CFunction(MemorySegment address) {
    private static final MethodHandle CALL = Libc.downcall(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    /** Returns the result or, if that is -1, the errno as a negative number, as the kernel does. */
    int call(Buffer buffer, long a, long b, long c, long d, long e, long f) {
        int returned = call(buffer.errno, a, b, c, d, e, f);
        return returned == -1 ? -Libc.errno(buffer.errno) : returned;
    }

    int call(Buffer buffer, long a, long b, long c, long d) {
        return call(buffer, a, b, c, d, 0, 0);
    }

    /** Returns the result, for functions whose errno is of no interest. */
    public int callPlain(long a, long b, long c, long d, long e, long f) {
        return call(Libc.IGNORED_ERRNO, a, b, c, d, e, f);
    }

    public int callPlain(long a, long b, long c) {
        return call(Libc.IGNORED_ERRNO, a, b, c, 0, 0, 0);
    }

    public int callPlain(long a) {
        return call(Libc.IGNORED_ERRNO, a, 0, 0, 0, 0, 0);
    }

    private int call(MemorySegment errno, long a, long b, long c, long d, long e, long f) {
        try {
            return (int) (long) CALL.invokeExact(address, errno, a, b, c, d, e, f);
        } catch (Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a C function cannot be called", thrown); // a signature here is wrong
        }
    }
}
