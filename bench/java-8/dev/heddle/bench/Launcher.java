package dev.heddle.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * Entry of the benchmarks' jar: runs {@code Bench} in a JVM of the JDK that Heddle was built for, with the flags it
 * needs. A JVM of its own, because a manifest cannot ask for {@code --enable-preview}; compiled for Java 8, so that
 * whatever {@code java} is first on the PATH will do.
 */
public final class Launcher {
    private static final String MAIN = "dev.heddle.bench.Bench";

    private Launcher() {}

    public static void main(String[] args) throws IOException, InterruptedException, URISyntaxException {
        Path jar = Paths.get(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        String jdk = wantedJdk();
        List<String> command = new ArrayList<>(Arrays.asList(findJava(jdk).toString(), "--enable-preview",
                "--enable-native-access=ALL-UNNAMED"));
        if (Integer.parseInt(jdk) > 23) {
            command.add("--sun-misc-unsafe-memory-access=allow"); // or there is a warning for each fork of JMH
        }
        command.addAll(Arrays.asList("-cp", jar.toString(), MAIN));
        command.addAll(Arrays.asList(args));
        Process bench = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(bench::destroy));
        System.exit(bench.waitFor());
    }

    private static String wantedJdk() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Launcher.class.getResourceAsStream("/dev/heddle/build.properties")) {
            build.load(in);
        }
        return build.getProperty("jdks").split(" ")[0];
    }

    /** A {@code java} of that version: this one, that of JAVA_HOME, or one in the usual folders. */
    private static Path findJava(String version) throws IOException {
        List<Path> homes = new ArrayList<>();
        homes.add(Paths.get(System.getProperty("java.home")));
        if (System.getenv("JAVA_HOME") != null) {
            homes.add(Paths.get(System.getenv("JAVA_HOME")));
        }
        String user = System.getProperty("user.home");
        for (String folder : Arrays.asList("/usr/lib/jvm", "/opt", user + "/.sdkman/candidates/java",
                user + "/.jdks")) {
            if (Files.isDirectory(Paths.get(folder))) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(Paths.get(folder))) {
                    entries.forEach(homes::add);
                }
            }
        }
        for (Path home : homes) {
            Path java = home.resolve("bin/java");
            if (Files.isExecutable(java) && isVersion(home.resolve("release"), version)) {
                return java;
            }
        }
        System.err.println("benchmarks: need JDK " + version + "; install it, or set JAVA_HOME");
        System.exit(69);
        throw new AssertionError();
    }

    private static boolean isVersion(Path release, String version) throws IOException {
        if (!Files.isReadable(release)) {
            return false;
        }
        for (String line : Files.readAllLines(release, StandardCharsets.ISO_8859_1)) {
            if (line.matches("JAVA_VERSION=\"" + version + "\\D.*")) {
                return true;
            }
        }
        return false;
    }
}
