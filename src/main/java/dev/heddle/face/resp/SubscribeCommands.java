package dev.heddle.face.resp;

import dev.heddle.job.Job;
import dev.heddle.job.Jobs;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** SUBSCRIBE and UNSUBSCRIBE to channels of the form {@code job:<id>}, as in Redis. */
final class SubscribeCommands {
    private static final String PREFIX = "job:";

    private final Jobs jobs;

    SubscribeCommands(Jobs jobs) {
        this.jobs = jobs;
    }

    void subscribe(Call call) throws IOException {
        for (int i = 1; i < call.size(); i++) {
            String channel = call.text(i);
            Optional<Job> job = channel.startsWith(PREFIX)
                    ? jobs.find(call.client().user(), channel.substring(PREFIX.length())) : Optional.empty();
            if (!channel.startsWith(PREFIX)) {
                call.error("ERR channels are called job:<id>, not '" + channel + "'");
            } else if (job.isEmpty()) {
                call.error(JobCommands.noSuchJob(channel.substring(PREFIX.length())));
            } else if (call.subscriptions().isFull()) {
                call.error("BUSY too many subscriptions on this connection");
            } else if (!call.subscriptions().add(channel, job.get())) {
                call.error("BUSY the memory for subscriptions is used up, try again later");
            }
        }
    }

    void unsubscribe(Call call) throws IOException {
        Subscriptions subscriptions = call.subscriptions();
        List<String> channels = subscriptions.channels();
        if (call.size() > 1) {
            for (int i = 1; i < call.size(); i++) {
                subscriptions.remove(call.text(i));
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
