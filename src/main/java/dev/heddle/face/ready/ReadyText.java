package dev.heddle.face.ready;

import dev.heddle.command.Outcome;
import dev.heddle.memory.CommandResult;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes the one text that ready:// has for a result: stdout, and behind it, if there is any, stderr. */
final class ReadyText {
    private ReadyText() {}

    /** Returns it in pieces, which are valid as long as the result. Never empty: the ancestor's client would wait. */
    static List<ByteBuffer> of(CommandResult result) {
        List<ByteBuffer> text = new ArrayList<>(result.stdout().bytes());
        List<ByteBuffer> stderr = new ArrayList<>(result.stderr().bytes());
        remarks(result).forEach(remark -> stderr.add(ascii(remark)));
        if (text.isEmpty() && stderr.isEmpty() || !text.isEmpty() && !stderr.isEmpty()) {
            text.add(ascii("\n"));
        }
        text.addAll(stderr);
        return text;
    }

    /** The protocol has no other place to say that the output is not all that it seems. */
    private static List<String> remarks(CommandResult result) {
        List<String> remarks = new ArrayList<>();
        if (result.bytesLeftOut() > 0) {
            remarks.add("heddle: " + result.bytesLeftOut() + " bytes are left out\n");
        }
        switch (result.outcome()) {
            case Outcome.TimedOut() -> remarks.add("heddle: the command's time was up\n");
            case Outcome.Cancelled() -> remarks.add("heddle: the command was ended by the server\n");
            case Outcome.Signaled(int signal) ->
                    remarks.add("heddle: the command was killed by signal " + signal + "\n");
            case Outcome.Exited(int code) -> { } // the protocol does not tell exit codes
        }
        return remarks;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
