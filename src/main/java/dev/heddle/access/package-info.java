/** Users and their rights: tokens, the users file, logins and their delays, and the policy of each user. */
package dev.heddle.access;
