/** Pipes to and from children, and the one poller thread that waits for them and for the ends of children. */
package dev.heddle.process.linux.pipe;
