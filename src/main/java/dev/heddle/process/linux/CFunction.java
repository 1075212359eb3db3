package dev.heddle.process.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of the C library, called with up to six integers or pointers.
 *
 * <p>All calls have one shape, six words, because the JVM generates code for each shape at start, and those of the
 * functions as declared took 100 ms. In the calling conventions of Linux (System V psABI for x86-64, AAPCS64) the
 * first six such arguments are in registers of their own, variadic or not: a function does not look at those that it
 * has not declared, nor at the upper half of one that is declared an int. The upper half of a result is undefined then,
 * and left away here: no result is longer.
 */
record CFunction(MemorySegment address) {
    private static final MethodHandle CALL = Libc.downcall(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG,
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    /** What it returns, or, if that is -1, its errno as a negative number: the kernel's own form. */
    int call(Buffer buffer, long a, long b, long c, long d, long e, long f) {
        int returned = call(buffer.errno, a, b, c, d, e, f);
        return returned == -1 ? -Libc.errno(buffer.errno) : returned;
    }

    int call(Buffer buffer, long a, long b, long c, long d) {
        return call(buffer, a, b, c, d, 0, 0);
    }

    int call(Buffer buffer, long a, long b) {
        return call(buffer, a, b, 0, 0, 0, 0);
    }

    /** What it returns, for functions whose errno is not of interest. */
    int callPlain(long a, long b, long c, long d, long e, long f) {
        return call(Libc.IGNORED_ERRNO, a, b, c, d, e, f);
    }

    int callPlain(long a, long b, long c) {
        return call(Libc.IGNORED_ERRNO, a, b, c, 0, 0, 0);
    }

    int callPlain(long a) {
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
