package dev.heddle.face.resp;

import java.util.List;

/** SUBSCRIBE and UNSUBSCRIBE. Channels stay bytes until their turn comes: there may be as many as a request has words. */
sealed interface SubscribeVerb extends Verb {
    /** Listens to these channels. */
    record Subscribe(List<byte[]> channels) implements SubscribeVerb {}

    /** Listens no more to these channels, or to any when none is named. */
    record Unsubscribe(List<byte[]> channels) implements SubscribeVerb {}

    static Verb subscribe(List<byte[]> words) {
        return new Subscribe(words.subList(1, words.size()));
    }

    static Verb unsubscribe(List<byte[]> words) {
        return new Unsubscribe(words.subList(1, words.size()));
    }
}
