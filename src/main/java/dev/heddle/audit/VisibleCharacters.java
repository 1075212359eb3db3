package dev.heddle.audit;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;

/**
 * Makes JSON escape every character that could deceive a reader of a line: characters that steer a terminal (C0, DEL,
 * C1), that end a line for some programs (U+2028, U+2029), or that turn or hide others (bidi controls, zero width,
 * tags). A program that reads the line gets the characters themselves.
 */
final class VisibleCharacters extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DEL = 0x7f;

    private final int[] ascii = standardAsciiEscapesForJSON();

    VisibleCharacters() {
        ascii[DEL] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        return ascii;
    }

    /**
     * Returns null for a character that is shown as it is. Of characters beyond U+FFFF only halves arrive: all of them
     * are escaped.
     */
    @Override
    public SerializableString getEscapeSequence(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> new SerializedString(String.format("\\u%04x", character));
            default -> null;
        };
    }
}
