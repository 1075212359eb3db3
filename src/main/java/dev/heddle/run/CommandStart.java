package dev.heddle.run;

import dev.heddle.command.Caller;
import dev.heddle.command.Command;

/**
 * A command whose program has just been started.
 *
 * @param id  the command's name, unique in this server's life
 * @param pid of its leader
 */
public record CommandStart(String id, long pid, Caller caller, Command command) {}
