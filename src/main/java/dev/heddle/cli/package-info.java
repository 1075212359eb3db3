/** The commands of the jar: each is one class that reads its options and calls the server or the client. */
package dev.heddle.cli;
