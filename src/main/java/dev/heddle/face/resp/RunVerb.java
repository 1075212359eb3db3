package dev.heddle.face.resp;

import java.util.List;

/** RUN or SH: a command that runs while its client waits. */
record RunVerb(RunOptions options) implements Verb {
    static Verb run(List<byte[]> words) {
        return parse(RunOptions.Form.RUN, words);
    }

    static Verb sh(List<byte[]> words) {
        return parse(RunOptions.Form.SH, words);
    }

    private static Verb parse(RunOptions.Form form, List<byte[]> words) {
        RunOptions.Draft draft = new RunOptions.Draft(form, words);
        try {
            return new RunVerb(draft.finish());
        } catch (SyntaxException e) {
            return new Malformed(e.getMessage(), draft.streams());
        }
    }

    @Override
    public boolean streams() {
        return options.stream();
    }
}
