package dev.heddle.service;

import dev.heddle.command.Command;

import java.util.List;
import java.util.Optional;

/**
 * What a caller asks the service to run.
 *
 * @param command what to run, and how
 * @param script  whether the caller gave a shell script: a policy allows those apart
 * @param id      under which the request may be sent again without being run again; empty for none
 * @param words   of the whole request, kind included, by which a request with a known ID is compared with the first
 *                one; the service keeps none of them
 */
public record CommandRequest(Command command, boolean script, Optional<String> id, List<byte[]> words) {}
