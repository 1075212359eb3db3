package dev.heddle.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.EngineUnavailableException;

import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which engine is taken, here and where the native one cannot run. */
class EngineChoiceTest {
    private final String system = System.getProperty("os.name");

    @AfterEach
    void backHome() {
        System.setProperty("os.name", system);
    }

    @Test
    void hereTheNativeEngineIsTaken() throws Exception {
        assertThat(EngineChoice.AUTO.open(Optional.empty()).name()).isEqualTo("native");
        assertThat(EngineChoice.NATIVE.open(Optional.empty()).maxProcesses()).isBetween(1, 10_000);
        assertThat(EngineChoice.JDK.open(Optional.empty()).name()).isEqualTo("jdk");
    }

    @Test
    void elsewhereThePortableOneIsTakenUnlessForced() throws Exception {
        System.setProperty("os.name", "Plan 9");
        assertThat(EngineChoice.AUTO.open(Optional.empty()).name()).isEqualTo("jdk");
        assertThatThrownBy(() -> EngineChoice.NATIVE.open(Optional.empty())).isInstanceOf(EngineUnavailableException.class)
                .hasMessage("the native engine cannot run here: this is not Linux");
        assertThatThrownBy(() -> EngineChoice.AUTO.open(Optional.of(Path.of("/sys/fs/cgroup"))))
                .isInstanceOf(EngineUnavailableException.class);
    }

    @Test
    void controlGroupsNeedTheNativeEngineAndARealDirectory() {
        assertThatThrownBy(() -> EngineChoice.JDK.open(Optional.of(Path.of("/sys/fs/cgroup"))))
                .isInstanceOf(EngineUnavailableException.class).hasMessage("--cgroup needs the native engine");
        assertThatThrownBy(() -> EngineChoice.NATIVE.open(Optional.of(Path.of("/tmp"))))
                .isInstanceOf(EngineUnavailableException.class).hasMessageContaining("/tmp is no cgroup v2 directory");
        assertThatThrownBy(() -> EngineChoice.NATIVE.open(Optional.of(Path.of("/no/such"))))
                .isInstanceOf(EngineUnavailableException.class).hasMessageContaining("no control group can be made");
    }
}
