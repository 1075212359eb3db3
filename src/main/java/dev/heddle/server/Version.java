package dev.heddle.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that this jar was built as. */
public final class Version {
    private static final String RESOURCE = "/dev/heddle/build.properties";

    private Version() {}

    /** Reads the version, as in {@code 1.2.3}. */
    public static String text() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + RESOURCE, e);
        }
        return properties.getProperty("version");
    }
}
