/** Commands that outlive the connection that asked for them: jobs, and runs that are safe to ask for twice. */
package dev.heddle.job;
