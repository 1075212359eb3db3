/** Values that both ends share: what a command is, how it ended, what it used, and why it was refused. */
package dev.heddle.command;
