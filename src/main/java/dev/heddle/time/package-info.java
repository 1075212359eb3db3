/** Time limits that do not count the time in which the JVM stood still. */
package dev.heddle.time;
