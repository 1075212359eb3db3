package dev.heddle.access;

import dev.heddle.command.Command;
import dev.heddle.command.RefusedException;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a caller may do, at the moment that they ask for it.
 *
 * @param policy empty for anything
 */
public record Grant(Optional<Policy> policy) {
    public static final Grant ANYTHING = new Grant(Optional.empty());

    /**
     * Decides what may run of what a caller asks for. May block on the file system.
     *
     * @param shell      whether the command is a script for {@code /bin/sh}
     * @param searchPath the server's own PATH
     * @throws RefusedException when the policy does not allow it
     */
    public Command permit(Command command, boolean shell, String searchPath) throws RefusedException {
        return policy.isEmpty() ? command : new PolicyCheck(policy.get(), searchPath).check(command, shell);
    }

    /** How many commands the caller's user may have at the same time; empty for no limit of their own. */
    public OptionalInt maxConcurrent() {
        return policy.map(Policy::maxConcurrent).orElse(OptionalInt.empty());
    }

    /** Whether the caller may do anything, and so also see what others do. */
    public boolean isUnlimited() {
        return policy.isEmpty();
    }
}
