package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.latin;

import dev.heddle.command.Command;
import dev.heddle.command.Command.OverLimit;
import dev.heddle.command.Payload;
import dev.heddle.command.WorkingDirectory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What RUN, SH and JOB START ask for. The options end at {@code --} or at the first word that is none of
 * {@link RunOption}: {@code RUN env} runs a program.
 *
 * @param request the whole request, from which the fingerprint of its ID is made
 * @param words   what follows the options: program and arguments, or script and arguments
 * @param stream  whether output and stdin are to flow while the command runs
 * @param id      under which the request may be sent again
 * @param name    by which the client wants to call the command
 */
record RunOptions(Form form, List<byte[]> request, List<byte[]> words, Optional<WorkingDirectory> directory,
                  List<Command.Variable> environment, Optional<Payload> stdin, Optional<Duration> timeout,
                  OptionalLong maxOutput, Optional<OverLimit> overLimit, boolean merge, boolean stream,
                  Optional<String> id, Optional<String> name, Map<String, String> labels) implements Verb {
    private static final Pattern CAPITALS = Pattern.compile("[A-Z]{2,}");

    /** Where the options stand: it says where they begin, and what the words behind them mean. */
    enum Form implements Verb.Parser {
        RUN(1, "a program"), SH(1, "a script"), JOB_START(2, "a program");

        private final int firstOption;
        private final String subject;

        Form(int firstOption, String subject) {
            this.firstOption = firstOption;
            this.subject = subject;
        }

        @Override
        public Verb parse(List<byte[]> words) {
            Draft draft = new Draft(this, words);
            try {
                return draft.finish();
            } catch (SyntaxException e) {
                return new Verb.Malformed(e.getMessage(), draft.streams());
            }
        }
    }

    @Override
    public boolean streams() {
        return stream;
    }

    /** @param maxOutputBytes how much of each stream is kept */
    Command command(int maxOutputBytes) {
        List<byte[]> argv = switch (form) {
            case RUN, JOB_START -> words;
            case SH -> Command.shell(words.get(0), words.subList(1, words.size()));
        };
        return new Command(argv, directory, environment, stdin, timeout,
                new Command.OutputRules(maxOutputBytes, overLimit.orElse(OverLimit.KEEP), merge),
                new Command.Tags(name, labels));
    }

    /** The options of one request as far as they have been read. */
    static final class Draft {
        private final Form form;
        private final List<byte[]> request;
        private int next; // the first word that has not been read
        private Optional<SyntaxException> mistake = Optional.empty(); // the first one
        Optional<WorkingDirectory> directory = Optional.empty();
        final List<Command.Variable> environment = new ArrayList<>();
        Optional<Payload> stdin = Optional.empty();
        Optional<Duration> timeout = Optional.empty();
        OptionalLong maxOutput = OptionalLong.empty();
        Optional<OverLimit> overLimit = Optional.empty();
        boolean merge;
        boolean stream;
        Optional<String> id = Optional.empty();
        Optional<String> name = Optional.empty();
        final Map<String, String> labels = new LinkedHashMap<>();

        /** Reads all options, those behind a mistake too: whether the request wants to stream is known then. */
        Draft(Form form, List<byte[]> request) {
            this.form = form;
            this.request = request;
            next = form.firstOption;
            boolean more = true;
            while (more && next < request.size()) {
                more = takeOption();
            }
        }

        /** The options, once they are found to make sense. */
        RunOptions finish() throws SyntaxException {
            if (mistake.isPresent()) {
                throw mistake.get();
            }
            if (next >= request.size()) {
                throw SyntaxException.of(form.subject + " is missing");
            }
            refuseContradictions();
            return new RunOptions(form, request, request.subList(next, request.size()), directory, environment, stdin,
                    timeout, maxOutput, overLimit, merge, stream, id, name, labels);
        }

        /** Whether the client may send words to the command, even if the request turns out to be wrong. */
        boolean streams() {
            return stream && form != Form.JOB_START;
        }

        /** Reads one option with its values, or the end of the options; false at the end. */
        private boolean takeOption() {
            String word = latin(request.get(next));
            Optional<RunOption> known = RunOption.named(word);
            if (known.isEmpty()) {
                if (word.equals("--")) {
                    next++;
                } else {
                    refuseMisspelt(word);
                }
                return false;
            }
            RunOption option = known.get();
            int behind = next + 1 + option.valueCount();
            if (behind > request.size()) {
                refuse(SyntaxException.of(word + " needs a value; known: " + RunOption.KNOWN));
                return false;
            }
            try {
                option.take(this, new RunOption.Values(request, next + 1));
            } catch (SyntaxException e) {
                refuse(e);
            }
            next = behind;
            return true;
        }

        private void refuse(SyntaxException found) {
            mistake = mistake.or(() -> Optional.of(found));
        }

        /**
         * {@code RUN TIMEOT 5 -- ls} would look for a program TIMEOT. A first word in capitals with a "--" somewhere
         * behind it is taken for a misspelt option; such a program is run with a "--" in front.
         */
        private void refuseMisspelt(String word) {
            if (CAPITALS.matcher(word).matches() && request.subList(next + 1, request.size()).stream()
                    .anyMatch(other -> latin(other).equals("--"))) {
                refuse(SyntaxException.of("unknown option '" + word + "'; known: " + RunOption.KNOWN));
            }
        }

        private void refuseContradictions() throws SyntaxException {
            if (form == Form.JOB_START && stream) {
                throw SyntaxException.of("a job does not STREAM: SUBSCRIBE to it, or use JOB READ");
            }
            if (stream && (maxOutput.isPresent() || overLimit.isPresent())) {
                throw SyntaxException.of("STREAM delivers all output: MAXOUT and LIMIT do not go with it");
            }
            if (stream && id.isPresent()) {
                throw SyntaxException.of("STREAM cannot be sent again: with an ID, use JOB START and SUBSCRIBE");
            }
            if (form == Form.JOB_START && overLimit.filter(OverLimit.KILL::equals).isPresent()) {
                throw SyntaxException.of("LIMIT is for RUN and SH: a job keeps the head and tail of its output");
            }
        }
    }
}
