package dev.heddle.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** What a program makes up that embeds the command line; real command lines are started by BytesIT. */
class InvocationTest {
    @Test
    void argumentsThatAreNotTheCommandLinesStayAsTheyAre() {
        String[] made = {"run", "--", "é", "a\udce9", "\ufffd"};
        assertThat(Invocation.arguments(made)).containsExactly("run", "--", "é", "a\udce9", "\ufffd");
        String[] many = new String[10_000];
        Arrays.fill(many, "é");
        assertThat(Invocation.arguments(many)).isEqualTo(many);
        assertThat(Invocation.arguments()).isEmpty();
    }

    @Test
    void theEnvironmentIsThatOfTheProcess() {
        Map<String, String> environment = Invocation.environment();
        assertThat(environment).isEqualTo(System.getenv()); // the build's own locale knows all text
    }
}
