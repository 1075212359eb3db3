/**
 * The native process engine for Linux on x86-64 and aarch64: {@code posix_spawn}, epoll and pidfd, called by the
 * foreign function API.
 *
 * <p>The packages below it, each built on the ones after it: {@code cgroup} gives each command a control group of its
 * own, {@code spawn} starts programs on threads that may hang, {@code child} watches, signals and reaps what was
 * started, {@code pipe} reads and writes pipes without a thread for each, {@code ffi} calls the C library.
 */
package dev.heddle.process.linux;
