/** The audit log: who logged in, and what was run for whom, one JSON object a line. */
package dev.heddle.audit;
