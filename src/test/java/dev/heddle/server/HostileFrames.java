package dev.heddle.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Requests as a hostile client makes them up. All come from the seed, so that a failure can be repeated. Belongs to
 * one thread.
 */
final class HostileFrames {
    private static final List<List<String>> REQUESTS = List.of(
            List.of("PING"), List.of("PING", "x"), List.of("ECHO", "a\r\nb"), List.of("ECHO", ""),
            List.of("HELLO", "2"), List.of("HELLO", "3"), List.of("HELLO", "3", "AUTH", "u", "p", "SETNAME", "n"),
            List.of("AUTH", "p"), List.of("AUTH", "u", "p"), List.of("SELECT", "0"), List.of("RESET"),
            List.of("CLIENT", "ID"), List.of("CLIENT", "SETNAME", "n"), List.of("CLIENT", "SETINFO", "LIB-NAME", "l"),
            List.of("CLIENT", "INFO"), List.of("CONFIG", "GET", "*"), List.of("COMMAND", "COUNT"), List.of("INFO"),
            List.of("COMMAND", "DOCS", "ping"), List.of("INFO", "server"), List.of("ACL", "WHOAMI"),
            List.of("RUN", "true"), List.of("RUN", "zz", "a"), List.of("RUN", "--", "zz"),
            List.of("RUN", "CWD", "/", "ENV", "A", "b", "TIMEOUT", "1000", "MAXOUT", "10", "LIMIT", "keep", "MERGE",
                    "STDIN", "text", "--", "zz", "a"),
            List.of("RUN", "STREAM", "--", "zz"), List.of("RUN", "TIMEOUT", "9", "zz"), List.of("SH", "zz", "a", "b"),
            List.of("STDIN", "x"), List.of("EOF"), List.of("SIGNAL", "TERM"), List.of("JOB", "START", "--", "zz"),
            List.of("JOB", "LIST"), List.of("JOB", "READ", "a-1", "0", "MAX", "9", "BLOCK", "9"),
            List.of("JOB", "WRITE", "a-1", "0", "x"), List.of("JOB", "EOF", "a-1"),
            List.of("JOB", "WAIT", "a-1", "1"),
            List.of("JOB", "SIGNAL", "a-1", "KILL"), List.of("JOB", "INFO", "a-1"), List.of("JOB", "RM", "a-1"),
            List.of("SUBSCRIBE", "job:a-1", "b"), List.of("UNSUBSCRIBE"), List.of("nothing", "of", "the", "kind"));
    /** They start processes, so they come less often. */
    private static final List<List<String>> RUNNING = List.of(
            List.of("RUN", "true"), List.of("RUN", "echo", "a", "b"), List.of("SH", "--", "a"),
            List.of("RUN", "STREAM", "--", "echo", "a"), List.of("RUN", "STDIN", "x", "--", "echo", "a"),
            List.of("JOB", "START", "--", "echo", "a"), List.of("RUN", "MAXOUT", "1", "--", "echo", "abc"));
    private static final List<String> ODD_WORDS = List.of("", "-1", "0", "00", "99999999999999999999", "-", "--", "\0",
            "a\0b", "\r\n+OK\r\n", "\n", "\u00ff\u00fe", "*", "$", "%s%n", "../../etc", "A".repeat(300), "\u001b[2J",
            "9223372036854775807", "2147483648", "1e9", "STREAM", "ENV", "STDIN", "ID", "NOPROTO");
    private static final List<String> ODD_NUMBERS = List.of("0", "-1", "-0", "+1", "01", "1 ", " 1", "", "x", "1.0",
            "1048576", "1048577", "2147483647", "2147483648", "-2147483648", "536870912", "536870913", "4294967296",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999999",
            "67108864");
    private static final List<String> FOREIGN = List.of("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "POST / HTTP/1.1\r\n\r\n",
            "\u0016\u0003\u0001\u0000\u0005hello", ":1\r\n", "+OK\r\n", "%1\r\n", "~1\r\n", "_\r\n", "#t\r\n", "|1\r\n",
            ">2\r\n", "$4\r\nPING\r\n", "\r\n", "\0\0\0\0", "\"\r\n", "'a\r\n", "\"a\"b\r\n", "\"\\xZZ\" \r\n");
    /** Their effect on the connection is none that the other requests could be answered after. */
    private static final Set<String> ENDING = Set.of("quit", "post");
    /** With these it is not so that each request has one reply; nor is it behind STREAM. */
    private static final Set<String> UNCOUNTED = Set.of("hello", "subscribe", "unsubscribe");

    private final Random random;

    HostileFrames(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    /** A request of odd words, and whether it has exactly one reply wherever it comes. */
    record Framed(byte[] bytes, boolean counted) {}

    /** Odd words in a frame that is in order, so that what comes behind it is read. */
    Framed wellFramed() {
        List<byte[]> words = words();
        while (ENDING.contains(name(words)) || name(words).startsWith("host:")) {
            words = words();
        }
        return new Framed(random.nextInt(5) == 0 ? inline(words) : multibulk(words), !UNCOUNTED.contains(name(words))
                && words.stream().noneMatch(word -> Arrays.equals(word, latin1("STREAM"))));
    }

    private static String name(List<byte[]> words) {
        return new String(words.getFirst(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    private List<byte[]> words() {
        List<byte[]> words = new ArrayList<>();
        (random.nextInt(40) == 0 ? any(RUNNING) : any(REQUESTS)).forEach(word -> words.add(latin1(word)));
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(words.size());
            switch (random.nextInt(6)) {
                case 0 -> words.set(at, changed(words.get(at)));
                case 1 -> words.set(at, latin1(any(ODD_WORDS)));
                case 2 -> words.add(at + 1, words.get(at));
                case 3 -> words.add(at + 1, latin1(any(ODD_WORDS)));
                case 4 -> words.set(at, noise(random.nextInt(40)));
                default -> {
                    if (words.size() > 1) {
                        words.remove(at);
                    }
                }
            }
        }
        return words;
    }

    /** Bytes whose frame is most likely broken: what is behind them may never be read as it was meant. */
    byte[] broken() {
        byte[] frame = multibulk(words());
        for (int i = random.nextInt(3); i >= 0; i--) {
            frame = switch (random.nextInt(10)) {
                case 0, 1 -> changed(frame);
                case 2, 3, 4 -> withOtherNumber(frame);
                case 5 -> Arrays.copyOf(frame, random.nextInt(frame.length + 1));
                case 6 -> joined(frame, Arrays.copyOfRange(frame, random.nextInt(frame.length + 1), frame.length));
                case 7 -> joined(Arrays.copyOf(frame, random.nextInt(frame.length + 1)), multibulk(words()));
                case 8 -> joined(latin1(any(FOREIGN)), frame);
                default -> noise(1 + random.nextInt(200));
            };
        }
        return frame;
    }

    private byte[] changed(byte[] bytes) {
        byte[] changed = bytes.clone();
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            changed[at] = (byte) (random.nextBoolean() ? changed[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
        }
        return changed;
    }

    /** Another number in one of the lines that begin with * or $. */
    private byte[] withOtherNumber(byte[] frame) {
        String text = new String(frame, StandardCharsets.ISO_8859_1);
        List<Integer> lines = new ArrayList<>();
        for (int i = 0; i < frame.length; i++) {
            if (frame[i] == '*' || frame[i] == '$') {
                lines.add(i + 1);
            }
        }
        if (lines.isEmpty()) {
            return noise(20);
        }
        int from = lines.get(random.nextInt(lines.size()));
        int to = Math.max(from, text.indexOf('\r', from));
        return latin1(text.substring(0, from) + any(ODD_NUMBERS) + text.substring(to));
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    static byte[] multibulk(List<byte[]> words) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(latin1("*" + words.size() + "\r\n"));
        for (byte[] word : words) {
            frame.writeBytes(latin1("$" + word.length + "\r\n"));
            frame.writeBytes(word);
            frame.writeBytes(latin1("\r\n"));
        }
        return frame.toByteArray();
    }

    private static byte[] inline(List<byte[]> words) {
        StringBuilder line = new StringBuilder();
        for (byte[] word : words) {
            line.append('"');
            for (byte b : word) {
                line.append(String.format("\\x%02x", b));
            }
            line.append("\" ");
        }
        return latin1(line + "\r\n");
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** One char a byte. */
    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** As a Java string has it, so that a failing case can be taken over into a test. */
    static String shown(byte[] bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (byte b : bytes) {
            switch (b) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '"', '\\' -> text.append('\\').append((char) b);
                default -> text.append(b >= ' ' && b < 0x7f ? Character.toString(b)
                        : String.format("\\u%04x", b & 0xff));
            }
        }
        return text.append('"').toString();
    }
}
