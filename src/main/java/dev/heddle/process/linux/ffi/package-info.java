/**
 * Calls to the C library and the kernel. Nothing here knows of commands; {@link dev.heddle.process.linux.ffi.Abi} has
 * every number that depends on the platform.
 */
package dev.heddle.process.linux.ffi;
