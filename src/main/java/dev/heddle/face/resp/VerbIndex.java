package dev.heddle.face.resp;

import dev.heddle.face.resp.VerbTable.Entry;

import java.nio.charset.StandardCharsets;

/**
 * Finds a verb by the bytes of its name, in any case of ASCII. Every request is looked up, and so a search allocates
 * nothing: this is a hash table whose entries lie in the slot of their name's hash or in the next free one behind it.
 *
 * <p><b>Threading:</b> filled before any session begins; read by all.
 */
final class VerbIndex {
    /** Several times as many as there are verbs, so that a search is short; a power of two. */
    private static final int SLOTS = 128;

    private final Entry[] slots = new Entry[SLOTS];

    /** @param entry whose name is in lower case */
    void add(Entry entry) {
        int slot = slot(entry.name().getBytes(StandardCharsets.US_ASCII));
        while (slots[slot] != null) {
            slot = behind(slot);
        }
        slots[slot] = entry;
    }

    /** The verb of this name, or null. */
    Entry find(byte[] name) {
        for (int slot = slot(name); slots[slot] != null; slot = behind(slot)) {
            if (isName(name, slots[slot].name())) {
                return slots[slot];
            }
        }
        return null;
    }

    private static int slot(byte[] name) {
        int hash = 0;
        for (byte b : name) {
            hash = 31 * hash + lowerCase(b);
        }
        return (hash ^ hash >>> 16) & (SLOTS - 1);
    }

    private static int behind(int slot) {
        return (slot + 1) & (SLOTS - 1);
    }

    private static boolean isName(byte[] word, String name) {
        if (word.length != name.length()) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (lowerCase(word[i]) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int lowerCase(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }
}
