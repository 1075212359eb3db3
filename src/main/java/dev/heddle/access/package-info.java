/** Who may do what: tokens, the users file, logins and what slows them down, and the policy of each user. */
package dev.heddle.access;
