package dev.heddle.access;

import javax.security.auth.x500.X500Principal;

/**
 * Reads the subject of a certificate from a users file. X.500 compares names loosely: case, blanks and compatible
 * characters do not count, and the JDK ignores a NUL at the end. Authorities differ in which names they take for equal,
 * so here a name must equal that of the certificate character for character.
 */
final class SubjectName {
    private static final String ESCAPED_NUL = "\\00"; // as the JDK writes it

    private SubjectName() {}

    /**
     * Returns the name as RFC 2253 writes it: types in capitals, no blanks around commas. Values are left as they are.
     *
     * @throws IllegalArgumentException when the text is not a name, or has a control character
     */
    static String parse(String text) {
        X500Principal written = new X500Principal(text);
        String name = new X500Principal(written.getEncoded()).getName(X500Principal.RFC2253); // as a certificate has it
        if (name.chars().anyMatch(Character::isISOControl) || name.contains(ESCAPED_NUL)) {
            throw new IllegalArgumentException("a certificate's subject has no control characters here");
        }
        return name;
    }
}
