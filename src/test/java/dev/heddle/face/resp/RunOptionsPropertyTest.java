package dev.heddle.face.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Command;
import dev.heddle.run.RunLimits;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What holds for the options of all commands. */
class RunOptionsPropertyTest {
    private static final String SEED = "6"; // the same tries each time
    private static final int TRIES = 500;
    private static final List<List<String>> OPTIONS = List.of(List.of("CWD", "STREAM"), List.of("ENV", "A", "--"),
            List.of("STDIN", "MERGE"), List.of("TIMEOUT", "5"), List.of("MAXOUT", "7"), List.of("LIMIT", "kill"),
            List.of("MERGE"), List.of("ID", "ID"), List.of("NAME", "ENV"), List.of("LABEL", "a", "NAME"),
            List.of("LABEL", "b", "--"));

    private static RunOptions parse(List<List<String>> options, List<byte[]> rest) throws Exception {
        List<byte[]> words = new ArrayList<>(List.of(bytes("RUN")));
        options.forEach(option -> option.forEach(word -> words.add(bytes(word))));
        words.add(bytes("--"));
        words.addAll(rest);
        return new RunOptions.Draft(RunOptions.Form.RUN, words).finish();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String shown(RunOptions options) {
        Command command = options.command(1024);
        return shown(command.argv()) + command.directory().map(directory -> HexFormat.of().formatHex(directory.path()))
                + command.environment().stream().map(v -> shown(List.of(v.name(), v.value()))).toList()
                + command.stdin().map(given -> HexFormat.of().formatHex(given.next())) + command.timeout() + command.output().maxBytes()
                + command.output().overLimit() + command.output().mergeStderr() + options.id() + options.name() + new TreeMap<>(options.labels());
    }

    private static String shown(List<byte[]> words) {
        return words.stream().map(HexFormat.of()::formatHex).toList().toString();
    }

    @Provide
    Arbitrary<List<List<String>>> orders() {
        return Arbitraries.shuffle(OPTIONS);
    }

    @Property(tries = TRIES, seed = SEED)
    void theirOrderMakesNoDifference(@ForAll("orders") List<List<String>> order,
                                     @ForAll @Size(min = 1, max = 5) List<byte[]> argv) throws Exception {
        assertThat(shown(parse(order, argv))).isEqualTo(shown(parse(OPTIONS, argv)));
    }

    @Property(tries = TRIES, seed = SEED)
    void whatIsBehindTheDashesIsTheCommand(@ForAll("orders") List<List<String>> order,
                                           @ForAll @Size(min = 1, max = 5) List<byte[]> argv) throws Exception {
        List<byte[]> doubled = new ArrayList<>(argv);
        order.forEach(option -> option.forEach(word -> doubled.add(bytes(word))));
        assertThat(shown(parse(List.of(), doubled).words())).isEqualTo(shown(doubled));
    }
}
