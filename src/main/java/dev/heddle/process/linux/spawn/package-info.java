/**
 * Starts programs: finds the directory and the program, calls {@code posix_spawn(3)} and hands the new process over to
 * {@link dev.heddle.process.linux.child}. All that may hang in the kernel runs on the threads of {@link
 * dev.heddle.process.linux.spawn.SpawnThreads}.
 */
package dev.heddle.process.linux.spawn;
