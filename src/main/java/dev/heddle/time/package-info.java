/** How threads wait for each other: locks, cancellation, time limits that do not count pauses of the JVM. */
package dev.heddle.time;
