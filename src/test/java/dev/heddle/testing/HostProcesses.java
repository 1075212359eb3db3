package dev.heddle.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/** The processes of this machine, as procfs shows them. */
public final class HostProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final Pattern OF_THE_JVM =
            Pattern.compile("^(process reaper|C[12] Comp|G1 |GC Thread|ForkJoinPool)");

    private HostProcesses() {}

    /** The live processes that were started with this variable, descendants included. */
    public static List<Long> withVariable(String name, String value) throws IOException {
        String variable = name + "=" + value;
        List<Long> pids = new ArrayList<>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                String file = entry.getFileName().toString();
                if (file.chars().allMatch(Character::isDigit) && Long.parseLong(file) != ProcessHandle.current().pid()
                        && read(entry.resolve("environ")).contains(variable)) {
                    pids.add(Long.valueOf(file));
                }
            }
        }
        return pids;
    }

    /** Empty for a zombie, and for a process that has just gone. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The children of this JVM, zombies included. */
    public static long children() {
        return ProcessHandle.current().children().count();
    }

    /** What native code calls of this JVM hold in memory: the JVM counts it apart from its own, see NMT. */
    public static long nativeBytes() throws JMException {
        String summary = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "vmNativeMemory",
                new Object[] {new String[] {"summary", "scale=B"}}, new String[] {String[].class.getName()});
        Matcher other = Pattern.compile("Other \\(reserved=(\\d+)").matcher(summary);
        if (!other.find()) {
            throw new IllegalStateException("the tests need -XX:NativeMemoryTracking=summary: " + summary);
        }
        return Long.parseLong(other.group(1));
    }

    /** The open descriptors of this JVM. */
    public static long descriptors() throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }

    /** What the other end of a loopback connection has not taken from the kernel, see proc(5): net/tcp. */
    public static long unreadBytes(Socket socket) throws IOException {
        Pattern other = Pattern.compile("(?m)^ *\\d+: [0-9A-F]+:%04X [0-9A-F]+:%04X \\w+ [0-9A-F]+:([0-9A-F]+) "
                .formatted(socket.getPort(), socket.getLocalPort()));
        Matcher found = other.matcher(read(Path.of("/proc/net/tcp6")) + read(Path.of("/proc/net/tcp")));
        if (!found.find()) {
            throw new IOException("no such connection: " + socket);
        }
        return Long.parseLong(found.group(1), 16);
    }

    /**
     * The platform threads that this program has made. Those of the JVM itself come and go as it likes: compilers,
     * collectors, carriers, and the JDK's process reapers, which it keeps for a minute.
     */
    public static long threads() throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/task"))) {
            return entries.map(task -> read(task.resolve("comm"))).filter(name -> !OF_THE_JVM.matcher(name).find())
                    .count();
        }
    }
}
