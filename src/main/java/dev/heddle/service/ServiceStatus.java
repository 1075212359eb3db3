package dev.heddle.service;

import java.util.Map;

/**
 * What the service does now and has done since the server's start.
 *
 * @param engine          the name of what starts processes
 * @param running         commands that run or are being started
 * @param maxRunning      commands that may run at once
 * @param waitingForSlot  commands that wait for one of these to end
 * @param waitingForStart commands that wait until another program can be started
 * @param background      jobs and runs with an ID that have not ended
 * @param started         commands whose program was started
 * @param ended           how many ended so, by the words of {@link dev.heddle.command.Outcome#word}
 * @param refused         how many were refused, by the words of {@link dev.heddle.command.Refusal#word}
 * @param outputBytes     written by ended commands, kept or not
 * @param refusedSignals  signals that the kernel refused for some or all processes of a command
 * @param leftRunning     commands that ended while processes of theirs ran on, because the kernel refused to kill them
 * @param budgetUsedBytes that clients make the server hold
 * @param budgetMaxBytes  that clients may make the server hold
 */
public record ServiceStatus(String engine, int running, int maxRunning, int waitingForSlot, int waitingForStart,
                            int background, long started, Map<String, Long> ended, Map<String, Long> refused,
                            long outputBytes, long refusedSignals, long leftRunning, long budgetUsedBytes,
                            long budgetMaxBytes) {
    /** How many commands wait, for whatever it is. */
    public int waiting() {
        return waitingForSlot + waitingForStart;
    }
}
