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
 * Starts programs inside a control group of their own: a shell enters the group first and then executes the program
 * in its own place, because moving a process that already runs would miss what it has forked by then. {@code
 * posix_spawn(3)} of glibc can enter a group itself from 2.39 on ({@code posix_spawnattr_setcgroup_np}); older ones
 * cannot.
 *
 * <p><b>Threading:</b> any thread may use it.
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
        byte[] program = threads.run(new Search(spec)); // so that a missing one is reported as without a group
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

    /** A search for a program, which may hang like its start. */
    private record Search(ProcessSpec spec) implements SpawnTask<byte[]> {
        @Override
        public void prepare() {
            // nothing to prepare
        }

        @Override
        public byte[] run() throws RefusedException {
            try (Buffer buffer = Buffer.borrow();
                    StartDirectory directory = StartDirectory.open(spec.directory(), buffer)) {
                return ProgramSearch.find(spec, path -> directory.look(path, buffer));
            }
        }

        @Override
        public void discard(byte[] program) {
            // nothing is left
        }
    }

    private static ProcessSpec entering(Cgroup group, byte[] program, ProcessSpec spec) {
        List<byte[]> argv = new ArrayList<>(spec.argv().size() + 4);
        argv.add(SHELL);
        argv.add(ascii("-c"));
        argv.add(ENTER);
        argv.add(group.entrance());
        argv.add(program);
        argv.addAll(spec.argv().subList(1, spec.argv().size()));
        return new ProcessSpec(argv, spec.directory(), spec.environment(), spec.stdio(), spec.limits());
    }
}
