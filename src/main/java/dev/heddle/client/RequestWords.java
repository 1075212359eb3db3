package dev.heddle.client;

import dev.heddle.platform.LosslessUtf8;

import java.util.ArrayList;
import java.util.List;

/** Collects the words of a request. */
final class RequestWords {
    private final List<byte[]> words = new ArrayList<>();

    static List<byte[]> of(String... words) {
        return new RequestWords().add(words).list();
    }

    RequestWords add(String... more) {
        for (String word : more) {
            words.add(LosslessUtf8.encode(word));
        }
        return this;
    }

    RequestWords add(byte[] word) {
        words.add(word);
        return this;
    }

    List<byte[]> list() {
        return words;
    }
}
