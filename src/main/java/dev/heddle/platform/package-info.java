/** What the operating system hands over as bytes: arguments, environment, names of files. */
package dev.heddle.platform;
