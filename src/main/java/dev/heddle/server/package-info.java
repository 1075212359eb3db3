/** The server as a whole: where it listens, whom it lets in, how it stops. */
package dev.heddle.server;
