package dev.heddle.cli.serve;

import dev.heddle.process.EngineUnavailableException;
import dev.heddle.process.ProcessEngine;
import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.process.linux.LinuxProcessEngine;

import java.nio.file.Path;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process engine to use, as users write it after {@code --engine}. It is chosen once, at the start. */
enum EngineChoice {
    /** The native engine where it can run; otherwise the portable one, with a line in the log that says why. */
    AUTO,
    NATIVE,
    JDK;

    /** Makes the engine. With a cgroup commands get groups of their own, which only the native engine can give them. */
    ProcessEngine open(Optional<Path> cgroup) throws EngineUnavailableException {
        if (cgroup.isPresent() && this == JDK) {
            throw new EngineUnavailableException("--cgroup needs the native engine");
        }
        return switch (this) {
            case AUTO -> cgroup.isPresent() ? openNative(cgroup) : openAny();
            case NATIVE -> openNative(cgroup);
            case JDK -> new JdkProcessEngine();
        };
    }

    private static ProcessEngine openNative(Optional<Path> cgroup) throws EngineUnavailableException {
        try {
            return LinuxProcessEngine.open(cgroup);
        } catch (EngineUnavailableException e) {
            throw new EngineUnavailableException("the native engine cannot run here: " + e.getMessage(), e);
        }
    }

    private static ProcessEngine openAny() {
        try {
            return LinuxProcessEngine.open();
        } catch (EngineUnavailableException e) {
            ProcessEngine portable = new JdkProcessEngine();
            Logger log = LoggerFactory.getLogger(EngineChoice.class); // not before serve has set the level
            log.warn("using the portable engine, with up to {} commands at once, because the native one cannot"
                    + " run here: {}", portable.maxProcesses(), e.getMessage());
            return portable;
        }
    }
}
