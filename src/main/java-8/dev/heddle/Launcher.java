package dev.heddle;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * Entry of the jar: starts the command line, or says which command would.
 *
 * <p>The other classes load on the JDK versions that they were built for only, and with {@code --enable-preview},
 * which a manifest cannot ask for. This class is compiled for Java 8, so that any JVM gets as far as the help.
 */
public final class Launcher {
    private static final String MAIN = "dev.heddle.cli.HeddleCommand";
    private static final String NEEDS_PREVIEW = "dev.heddle.scope.CommandScope";
    private static final int EX_UNAVAILABLE = 69;
    private static final int CLIENT_FAILED = 255;

    /** The commands that talk to a server, as in heddle.sh: all codes but 255 may be those of a remote program. */
    private static final List<String> CLIENTS = Arrays.asList("run", "sh", "shell", "start", "jobs", "logs", "wait",
            "kill", "ready", "upper");

    private Launcher() {}

    public static void main(String[] args) throws Throwable {
        List<String> fitting = fittingJdks();
        String running = System.getProperty("java.specification.version");
        if (!fitting.contains(running)) {
            refuse("needs JDK " + String.join(" or ", fitting) + ", and this is " + running, findJava(fitting), args);
        }
        if (!previewEnabled()) {
            refuse("needs --enable-preview", runningJava(), args);
        }
        try {
            Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            if (!isClient(args)) {
                throw e.getCause();
            }
            System.err.println("heddle: " + e.getCause());
            System.exit(CLIENT_FAILED);
        }
    }

    private static boolean isClient(String[] args) {
        return args.length > 0 && CLIENTS.contains(args[0]);
    }

    /** The versions that this jar holds classes for, the best first. */
    private static List<String> fittingJdks() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Launcher.class.getResourceAsStream("build.properties")) {
            build.load(in);
        }
        return Arrays.asList(build.getProperty("jdks").split(" "));
    }

    private static boolean previewEnabled() throws ClassNotFoundException {
        try {
            Class.forName(NEEDS_PREVIEW, false, Launcher.class.getClassLoader());
            return true;
        } catch (UnsupportedClassVersionError e) {
            return false;
        }
    }

    /** Exits. {@code java} is null when no fitting JDK was found. */
    private static void refuse(String why, Path java, String[] args) {
        StringBuilder command = new StringBuilder(java == null ? "java" : quoted(nameOf(java)));
        command.append(" --enable-preview --enable-native-access=ALL-UNNAMED").append(self());
        for (String arg : args) {
            command.append(' ').append(quoted(arg));
        }
        System.err.println("heddle: " + why + (java == null ? "; install it, then run:" : "; run:"));
        System.err.println(command);
        System.exit(isClient(args) ? CLIENT_FAILED : EX_UNAVAILABLE);
    }

    /** How this program is named to {@code java}: the jar, or else the class path. */
    private static String self() {
        try {
            URL location = Launcher.class.getProtectionDomain().getCodeSource().getLocation();
            Path here = Paths.get(location.toURI());
            if (Files.isRegularFile(here)) {
                return " -jar " + quoted(here.toRealPath().toString());
            }
        } catch (URISyntaxException | IOException e) {
            // The class path below names it too.
        }
        return " -cp " + quoted(System.getProperty("java.class.path")) + ' ' + Launcher.class.getName();
    }

    private static Path runningJava() {
        return Paths.get(System.getProperty("java.home"), "bin", "java");
    }

    /** A {@code java} of the first version that is in one of the usual folders, or null. */
    private static Path findJava(List<String> versions) {
        for (String version : versions) {
            Path java = findJava(version);
            if (java != null) {
                return java;
            }
        }
        return null;
    }

    private static Path findJava(String version) {
        String user = System.getProperty("user.home");
        List<String> folders = Arrays.asList("/usr/lib/jvm", "/opt", user + "/.sdkman/candidates/java",
                user + "/.jdks", "/Library/Java/JavaVirtualMachines",
                user + "/.local/share/mise/installs/java", user + "/.asdf/installs/java");
        for (String folder : folders) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(Paths.get(folder))) {
                for (Path entry : entries) {
                    for (Path home : Arrays.asList(entry, entry.resolve("Contents/Home"))) {
                        Path java = home.resolve("bin/java");
                        if (Files.isExecutable(java) && isVersion(home.resolve("release"), version)) {
                            return java;
                        }
                    }
                }
            } catch (IOException e) {
                // Not a folder of this machine.
            }
        }
        return null;
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

    /** Just {@code java} when the shell would find this very one, else its path. */
    private static String nameOf(Path java) {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            Path first = Paths.get(folder, "java");
            if (Files.isExecutable(first)) {
                try {
                    return first.toRealPath().equals(java.toRealPath()) ? "java" : java.toString();
                } catch (IOException e) {
                    return java.toString();
                }
            }
        }
        return java.toString();
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
