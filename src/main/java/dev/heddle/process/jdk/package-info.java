/** The portable process engine, built on {@code java.lang.Process}; its classes say which traps they avoid. */
package dev.heddle.process.jdk;
