/** Control groups of cgroup v2: one for each command, so that its end reaches everything it has started. */
package dev.heddle.process.linux.cgroup;
