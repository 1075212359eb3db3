package dev.heddle.face.resp;

import dev.heddle.command.RefusedException;
import dev.heddle.service.CommandService;
import dev.heddle.service.JobHandle;

import java.io.IOException;

/** Executes SUBSCRIBE and UNSUBSCRIBE to channels of the form {@code job:<id>}, as in Redis. */
final class SubscribeCommands {
    private static final String PREFIX = "job:";

    private final CommandService service;

    SubscribeCommands(CommandService service) {
        this.service = service;
    }

    void execute(Call call, SubscribeVerb verb) throws IOException {
        switch (verb) {
            case SubscribeVerb.Subscribe subscribe -> {
                for (byte[] channel : subscribe.channels()) {
                    subscribe(call, WordReader.text(channel));
                }
            }
            case SubscribeVerb.Unsubscribe unsubscribe when unsubscribe.channels().isEmpty() ->
                    call.subscriptions().removeAll();
            case SubscribeVerb.Unsubscribe unsubscribe -> {
                for (byte[] channel : unsubscribe.channels()) {
                    call.subscriptions().remove(WordReader.text(channel));
                }
            }
        }
    }

    private void subscribe(Call call, String channel) throws IOException {
        if (!channel.startsWith(PREFIX)) {
            call.error("ERR channels are called job:<id>, not '" + channel + "'");
            return;
        }
        JobHandle job;
        try {
            job = service.find(call.client().caller(), channel.substring(PREFIX.length()));
        } catch (RefusedException e) { // the next channel may be one
            call.error(ErrorTexts.of(e));
            return;
        }
        if (call.subscriptions().isFull()) {
            call.error("BUSY too many subscriptions on this connection");
        } else if (!call.subscriptions().add(channel, job)) {
            call.error("BUSY the memory for subscriptions is used up, try again later");
        }
    }
}
