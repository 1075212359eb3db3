package dev.heddle.face.resp;

import java.util.List;

/** SUBSCRIBE and UNSUBSCRIBE. Channels stay bytes until their turn comes: a request may have very many. */
sealed interface SubscribeVerb extends Verb {
    record Subscribe(List<byte[]> channels) implements SubscribeVerb {}

    /** Ends all subscriptions when it names none. */
    record Unsubscribe(List<byte[]> channels) implements SubscribeVerb {}
}
