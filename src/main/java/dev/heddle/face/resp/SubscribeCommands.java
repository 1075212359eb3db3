package dev.heddle.face.resp;

import dev.heddle.job.Job;
import dev.heddle.job.Jobs;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Executes SUBSCRIBE and UNSUBSCRIBE to channels of the form {@code job:<id>}, as in Redis. */
final class SubscribeCommands {
    private static final String PREFIX = "job:";

    private final Jobs jobs;

    SubscribeCommands(Jobs jobs) {
        this.jobs = jobs;
    }

    void execute(Call call, SubscribeVerb verb) throws IOException {
        switch (verb) {
            case SubscribeVerb.Subscribe subscribe -> {
                for (byte[] channel : subscribe.channels()) {
                    subscribe(call, WordReader.text(channel));
                }
            }
            case SubscribeVerb.Unsubscribe unsubscribe -> unsubscribe(call, unsubscribe.channels());
        }
    }

    private void subscribe(Call call, String channel) throws IOException {
        if (!channel.startsWith(PREFIX)) {
            call.error("ERR channels are called job:<id>, not '" + channel + "'");
            return;
        }
        String id = channel.substring(PREFIX.length());
        Optional<Job> job = jobs.find(call.client().user(), id);
        if (job.isEmpty()) {
            call.error(JobCommands.noSuchJob(id));
        } else if (call.subscriptions().isFull()) {
            call.error("BUSY too many subscriptions on this connection");
        } else if (!call.subscriptions().add(channel, job.get())) {
            call.error("BUSY the memory for subscriptions is used up, try again later");
        }
    }

    private static void unsubscribe(Call call, List<byte[]> named) throws IOException {
        Subscriptions subscriptions = call.subscriptions();
        List<String> channels = subscriptions.channels();
        if (!named.isEmpty()) {
            for (byte[] channel : named) {
                subscriptions.remove(WordReader.text(channel));
            }
        } else if (channels.isEmpty()) {
            subscriptions.confirmNone();
        } else {
            for (String channel : channels) {
                subscriptions.remove(channel);
            }
        }
    }
}
