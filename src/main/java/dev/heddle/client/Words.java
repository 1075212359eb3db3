package dev.heddle.client;

import dev.heddle.platform.LosslessUtf8;

import java.util.ArrayList;
import java.util.List;

/** The words of a request, put together by one thread. */
final class Words {
    private final List<byte[]> words = new ArrayList<>();

    static List<byte[]> of(String... words) {
        return new Words().add(words).list();
    }

    Words add(String... more) {
        for (String word : more) {
            words.add(LosslessUtf8.encode(word));
        }
        return this;
    }

    Words add(byte[] word) {
        words.add(word);
        return this;
    }

    List<byte[]> list() {
        return words;
    }
}
