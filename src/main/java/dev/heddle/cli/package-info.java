/** The command line: finds the subcommand, and prints its help, its completion script and the manual page. */
package dev.heddle.cli;
