package dev.heddle.process.linux.cgroup;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessSpec;
import dev.heddle.process.ProgramSearch;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.spawn.SpawnTask;
import dev.heddle.process.linux.spawn.SpawnThreads;
import dev.heddle.process.linux.spawn.Spawner;
import dev.heddle.process.linux.spawn.StartDirectory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts programs inside a control group of their own: a shell enters the group first and then executes the program in
 * its own place, because moving a process that already runs would miss what it has forked by then. ({@code
 * posix_spawnattr_setcgroup_np} exists from glibc 2.39 on.) For any thread.
 */
public final class CgroupSpawner {
    private static final byte[] SHELL = ascii("/bin/sh");
    private static final byte[] ENTER = ascii("echo 0 > \"$0\" && exec \"$@\"");

    private final Spawner spawner;
    private final SpawnThreads threads;
    private final Cgroup.Parent groups;

    public CgroupSpawner(Spawner spawner, SpawnThreads threads, Cgroup.Parent groups) {
        this.spawner = spawner;
        this.threads = threads;
        this.groups = groups;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Starts a program in a group of its own, as {@link Spawner#start} does without one. */
    public ChildProcess start(ProcessSpec spec)
            throws RefusedException, SpawnTask.TextBusyException, InterruptedException {
        // may hang like its start; a missing one is reported as without a group
        byte[] program = threads.run(() -> search(spec));
        Cgroup group;
        try {
            group = groups.create();
        } catch (IOException e) {
            throw new RefusedException(Refusal.NO_RESOURCES, "no control group can be made for the command", e);
        }
        boolean started = false;
        try {
            ChildProcess child = new CgroupChildProcess(spawner.start(entering(group, program, spec)), group);
            started = true;
            return child;
        } finally {
            if (!started) {
                group.kill(); // it may have been started, and then given up
                group.remove();
            }
        }
    }

    private static byte[] search(ProcessSpec spec) throws RefusedException {
        try (Buffer buffer = Buffer.borrow();
                StartDirectory directory = StartDirectory.open(spec.directory(), buffer)) {
            return ProgramSearch.find(spec, path -> directory.look(path, buffer));
        }
    }

    private static ProcessSpec entering(Cgroup group, byte[] program, ProcessSpec spec) {
        List<byte[]> argv = new ArrayList<>(List.of(SHELL, ascii("-c"), ENTER, group.entrance(), program));
        argv.addAll(spec.argv().subList(1, spec.argv().size()));
        return new ProcessSpec(argv, spec.directory(), spec.environment(), spec.stdio(), spec.limits());
    }
}
