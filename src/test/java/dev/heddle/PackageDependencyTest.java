package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

/** Packages depend one way. The map below is the design's; a new arrow has to be put in here by hand. */
class PackageDependencyTest {
    private static final String ROOT = "dev.heddle";
    private static final Pattern ARROW = Pattern.compile("^\\s+(\\S+)\\s+-> (dev\\.heddle\\S*)");

    /** What each package may use, its own sub-packages named too. Above stands on what is below. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            allow("", ""), // the launcher calls the command line by name only
            allow(".cli", ".cli.serve", ".cli.remote", ".cli.prompt", ".cli.local", ".cli.value", ".server",
                    ".platform"),
            allow(".cli.serve", ".cli.local", ".cli.value", ".server", ".service", ".access", ".audit", ".metrics", ".tls",
                    ".net", ".job", ".run", ".memory", ".process", ".process.jdk", ".process.linux", ".platform"),
            allow(".cli.prompt", ".cli.remote", ".cli.local", ".cli.value", ".client", ".command", ".platform"),
            allow(".cli.remote", ".cli.local", ".cli.value", ".client", ".command", ".access", ".tls", ".platform"),
            allow(".cli.local", ".process.linux"),
            allow(".cli.value", ".platform"),
            allow(".server", ".face.resp", ".face.ready", ".face.upper", ".service", ".job", ".access", ".run",
                    ".net", ".tls", ".process", ".memory", ".command", ".platform", ".time"),
            allow(".face.resp", ".service", ".access", ".net", ".memory", ".command", ".resp", ".time"),
            allow(".face.ready", ".service", ".access", ".net", ".memory", ".command", ".time"),
            allow(".face.upper", ".net", ".platform"),
            allow(".metrics", ".server", ".service", ".access", ".run", ".net", ".command"),
            allow(".audit", ".access", ".run", ".command", ".platform", ".time"),
            allow(".service", ".job", ".access", ".run", ".process", ".memory", ".command", ".time"),
            allow(".job", ".run", ".process", ".memory", ".command", ".time"),
            allow(".access", ".net", ".command", ".platform", ".time"),
            allow(".run", ".process", ".scope", ".memory", ".command", ".platform", ".time"),
            allow(".memory", ".command", ".time"),
            allow(".net", ".platform", ".time"),
            allow(".tls", ".platform"),
            allow(".process.jdk", ".process", ".command", ".platform", ".time"),
            allow(".process.linux", ".process.linux.cgroup", ".process.linux.spawn", ".process.linux.child",
                    ".process.linux.pipe", ".process.linux.ffi", ".process", ".command"),
            allow(".process.linux.cgroup", ".process.linux.spawn", ".process.linux.ffi", ".process", ".command",
                    ".platform"),
            allow(".process.linux.spawn", ".process.linux.child", ".process.linux.pipe", ".process.linux.ffi",
                    ".process", ".command"),
            allow(".process.linux.child", ".process.linux.pipe", ".process.linux.ffi", ".process", ".command"),
            allow(".process.linux.pipe", ".process.linux.ffi", ".process", ".command"),
            allow(".process.linux.ffi", ".command"),
            allow(".process", ".command"),
            allow(".client", ".resp", ".command", ".platform"),
            allow(".command"),
            allow(".scope"),
            allow(".resp"),
            allow(".platform"),
            allow(".time"));

    private static Map.Entry<String, Set<String>> allow(String from, String... to) {
        return Map.entry(ROOT + from, Arrays.stream(to).map(name -> ROOT + name).collect(Collectors.toSet()));
    }

    @Test
    void packagesDependOneWay() throws Exception {
        Map<String, Set<String>> found = new TreeMap<>();
        jdeps().lines().map(ARROW::matcher).filter(Matcher::find).forEach(arrow ->
                found.computeIfAbsent(arrow.group(1), from -> new TreeSet<>()).add(arrow.group(2)));
        assertThat(found).as("jdeps sees the packages").containsKeys(ROOT + ".cli", ROOT + ".face.resp");
        found.forEach((from, to) -> {
            to.remove(from);
            assertThat(ALLOWED).as("known packages").containsKey(from);
            assertThat(ALLOWED.get(from)).as("what " + from + " may use").containsAll(to);
        });
    }

    /** The allowed map itself must have no cycle, or the test would hold nothing. */
    @Test
    void theMapHasNoCycle() {
        ALLOWED.keySet().forEach(from -> {
            if (!from.equals(ROOT)) {
                assertThat(reachable(from, new TreeSet<>())).as("reachable from " + from).doesNotContain(from);
            }
        });
    }

    private static Set<String> reachable(String from, Set<String> seen) {
        for (String to : ALLOWED.get(from)) {
            if (seen.add(to)) {
                reachable(to, seen);
            }
        }
        return seen;
    }

    private static String jdeps() {
        Path classes = Path.of("target", "classes");
        assertThat(Files.isDirectory(classes)).isTrue();
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output);
        int exitCode = ToolProvider.findFirst("jdeps").orElseThrow()
                .run(writer, writer, "-verbose:package", "-filter:none", "--ignore-missing-deps",
                        classes.toString());
        assertThat(exitCode).as(output.toString()).isZero();
        return output.toString();
    }
}
