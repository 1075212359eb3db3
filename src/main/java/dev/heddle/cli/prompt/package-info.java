/** The subcommands at whose prompt a person types lines: {@code shell}, {@code ready} and {@code upper}. */
package dev.heddle.cli.prompt;
