package dev.heddle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.process.EngineUnavailableException;

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
        assertThat(EngineChoice.AUTO.open().name()).isEqualTo("native");
        assertThat(EngineChoice.NATIVE.open().maxProcesses()).isBetween(1, 10_000);
        assertThat(EngineChoice.JDK.open().name()).isEqualTo("jdk");
    }

    @Test
    void elsewhereThePortableOneIsTakenUnlessForced() throws Exception {
        System.setProperty("os.name", "Plan 9");
        assertThat(EngineChoice.AUTO.open().name()).isEqualTo("jdk");
        assertThatThrownBy(EngineChoice.NATIVE::open).isInstanceOf(EngineUnavailableException.class)
                .hasMessage("the native engine cannot run here: this is not Linux");
    }
}
