/** The operating system's bytes and files: arguments, environment, names, checks before a file is opened. */
package dev.heddle.platform;
