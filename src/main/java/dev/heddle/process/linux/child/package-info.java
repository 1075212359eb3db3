/** Running children: their ends, their signals, the processes that they have started, and orphans. */
package dev.heddle.process.linux.child;
