package dev.heddle.face.ready;

import dev.heddle.command.Outcome;
import dev.heddle.run.CommandResult;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Makes the one text that ready:// has for a result: stdout, and behind it, if there is any, stderr. */
final class ReadyText {
    private ReadyText() {}

    /** Never empty: the ancestor's client would wait for ever. */
    static byte[] of(CommandResult result) {
        byte[] stdout = result.stdout().bytes();
        byte[] stderr = withRemarks(result);
        if (stderr.length == 0) {
            return stdout.length == 0 ? new byte[] {'\n'} : stdout;
        }
        if (stdout.length == 0) {
            return stderr;
        }
        byte[] both = new byte[stdout.length + 1 + stderr.length];
        System.arraycopy(stdout, 0, both, 0, stdout.length);
        both[stdout.length] = '\n';
        System.arraycopy(stderr, 0, both, stdout.length + 1, stderr.length);
        return both;
    }

    /** The protocol has no other place to say that the output is not all that it seems. */
    private static byte[] withRemarks(CommandResult result) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(result.stderr().bytes());
        if (result.bytesLeftOut() > 0) {
            text.writeBytes(ascii("heddle: " + result.bytesLeftOut() + " bytes are left out\n"));
        }
        switch (result.outcome()) {
            case Outcome.TimedOut() -> text.writeBytes(ascii("heddle: the command's time was up\n"));
            case Outcome.Cancelled() -> text.writeBytes(ascii("heddle: the command was ended by the server\n"));
            case Outcome.Signaled(int signal) ->
                    text.writeBytes(ascii("heddle: the command was killed by signal " + signal + "\n"));
            case Outcome.Exited(int code) -> { } // the protocol does not tell exit codes
        }
        return text.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
