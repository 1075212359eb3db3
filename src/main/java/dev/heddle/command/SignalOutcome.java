package dev.heddle.command;

/** What became of a signal that was sent to all processes of a command, see {@code kill(2)}. */
public enum SignalOutcome {
    /** The processes have got it, as far as they could be found. */
    SENT,
    /** Some have got it. For others the kernel refused it: they belong to another user, and run on without it. */
    PARTLY_REFUSED,
    /** The kernel refused it (EPERM): the processes run on without it. */
    REFUSED,
    /** Nobody has got it (ESRCH): no process is left. */
    NO_PROCESS;

    /** What became of a signal that was sent to these processes and to others. */
    public SignalOutcome and(SignalOutcome others) {
        if (this == others || others == NO_PROCESS) {
            return this;
        }
        return this == NO_PROCESS ? others : PARTLY_REFUSED;
    }

    /** Whether the kernel kept the signal from a process that is alive. */
    public boolean isRefused() {
        return this == REFUSED || this == PARTLY_REFUSED;
    }
}
