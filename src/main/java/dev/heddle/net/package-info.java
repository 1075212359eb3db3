/** What every protocol stands on: a client's socket with its time limits, and the face a protocol shows. */
package dev.heddle.net;
