/** The subcommands of a server's host: {@code serve} with its groups of options, and {@code token}. */
package dev.heddle.cli.serve;
