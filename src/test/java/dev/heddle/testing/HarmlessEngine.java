package dev.heddle.testing;

import dev.heddle.command.Refusal;
import dev.heddle.command.RefusedException;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.ProcessSpec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An engine for servers that are sent anything at all: it starts true and echo, and no other program. In place of a
 * script it starts an echo of it. Like the engine behind it, it is safe for use by many threads.
 */
public final class HarmlessEngine implements ProcessEngine {
    private static final Set<String> PROGRAMS = Set.of("true", "echo");

    private final ProcessEngine behind;

    public HarmlessEngine(ProcessEngine behind) {
        this.behind = behind;
    }

    @Override
    public String name() {
        return behind.name();
    }

    @Override
    public int maxProcesses() {
        return behind.maxProcesses();
    }

    @Override
    public int concurrentStarts() {
        return behind.concurrentStarts();
    }

    @Override
    public boolean startsHang() {
        return behind.startsHang();
    }

    @Override
    public ChildProcess start(ProcessSpec spec) throws RefusedException, InterruptedException {
        String program = new String(spec.argv().getFirst(), StandardCharsets.ISO_8859_1);
        if (program.equals("/bin/sh")) {
            return behind.start(new ProcessSpec(List.of("/bin/echo".getBytes(StandardCharsets.US_ASCII),
                    spec.argv().get(2)), Optional.empty(), List.of(), spec.stdio(), spec.limits()));
        }
        if (!PROGRAMS.contains(program)) {
            throw new RefusedException(Refusal.PROGRAM_NOT_FOUND, "no program '" + program + "' here");
        }
        return behind.start(spec);
    }
}
