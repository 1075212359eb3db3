/** Starts programs with {@code posix_spawn(3)}; all that may hang in the kernel runs on threads of its own. */
package dev.heddle.process.linux.spawn;
