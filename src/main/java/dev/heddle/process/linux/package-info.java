/** The native process engine for Linux: posix_spawn, pipes, epoll and pidfd, called through the FFM API. */
package dev.heddle.process.linux;
