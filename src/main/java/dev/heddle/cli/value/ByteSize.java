package dev.heddle.cli.value;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.TypeConversionException;

/** A number of bytes as people write it: {@code 4096}, {@code 64KiB}, {@code 1MiB}, {@code 2GiB}. */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(|KiB|MiB|GiB)");

    public static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is no size like 4096, 64KiB or 1MiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            case String bytes -> 0;
        };
        return new ByteSize(Long.parseLong(matcher.group(1)) << shift);
    }

    /** Returns the size as the length of an array. */
    public int toInt(String option) {
        if (bytes < 1 || bytes > 1 << 30) {
            throw new IllegalArgumentException(option + " is at least 1 and at most 1GiB");
        }
        return (int) bytes;
    }
}
