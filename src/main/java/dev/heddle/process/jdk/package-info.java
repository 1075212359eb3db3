/** The portable process engine: {@code java.lang.Process} with its traps walled in. */
package dev.heddle.process.jdk;
