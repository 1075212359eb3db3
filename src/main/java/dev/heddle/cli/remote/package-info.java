/** The subcommands that run commands and jobs on a server, and how they find the server and log in. */
package dev.heddle.cli.remote;
