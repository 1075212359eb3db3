package dev.heddle.exec;

/**
 * A command whose program has just been started.
 *
 * @param id  the command's name, unique in this server's life
 * @param pid of its leader
 */
public record CommandStart(String id, long pid, Origin origin, Command command) {}
