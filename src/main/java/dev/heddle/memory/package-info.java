/** What clients make the server hold, counted and bounded: the budget, chunks, and the output of commands. */
package dev.heddle.memory;
