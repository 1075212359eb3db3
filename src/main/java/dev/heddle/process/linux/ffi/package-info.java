/** Calls to the C library and the kernel. Nothing here knows of commands. */
package dev.heddle.process.linux.ffi;
