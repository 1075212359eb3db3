package dev.heddle.face.resp;

import java.util.List;

/** SUBSCRIBE and UNSUBSCRIBE. Channels stay bytes until their turn comes: a request may have very many. */
sealed interface SubscribeVerb extends Verb {
    /** Listens to these channels. */
    record Subscribe(List<byte[]> channels) implements SubscribeVerb {}

    /** Listens no more to these channels, or to any when none is named. */
    record Unsubscribe(List<byte[]> channels) implements SubscribeVerb {}
}
