/** The audit log: the logins, and the commands with their users, one JSON object a line. */
package dev.heddle.audit;
