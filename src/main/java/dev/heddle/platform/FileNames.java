package dev.heddle.platform;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Converts between names of files, which are bytes, and paths. Java opens only names that are text in the encoding that
 * the JVM has from its locale; other names are refused here, and never replaced by a similar one.
 */
public final class FileNames {
    /** The encoding of everything that the JVM exchanges with the system. */
    public static final Charset ENCODING = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private FileNames() {}

    /** Returns the path with this name, which is text as in {@link LosslessUtf8}; see {@link #path(byte[])}. */
    public static Path path(String name) {
        return path(LosslessUtf8.encode(name));
    }

    /** Returns the path with exactly this name. If Java cannot open it here, the exception's message is for users. */
    public static Path path(byte[] name) {
        String text = new String(name, ENCODING);
        if (!Arrays.equals(text.getBytes(ENCODING), name)) {
            throw new InvalidPathException(LosslessUtf8.show(LosslessUtf8.decode(name)),
                    "Java cannot open a file here whose name is no text in " + ENCODING);
        }
        return Path.of(text);
    }

    /** Returns the path of a URI, with {@code %HH} for any of its bytes; see {@link #path(byte[])}. */
    public static Path unescaped(String escaped) {
        byte[] from = LosslessUtf8.encode(escaped);
        ByteArrayOutputStream name = new ByteArrayOutputStream(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] == '%') {
                name.write(Character.digit(from[i + 1], 16) << 4 | Character.digit(from[i + 2], 16));
                i += 2;
            } else {
                name.write(from[i]);
            }
        }
        return path(name.toByteArray());
    }

    /** Returns the name of a file that Java has opened, or could open: that of an {@link #isExact exact} path. */
    public static byte[] bytes(Path path) {
        return path.toString().getBytes(ENCODING);
    }

    /** Tells whether Java has text for the name. It may have none for the target of a link. */
    public static boolean isExact(Path path) {
        try {
            return path(bytes(path)).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
