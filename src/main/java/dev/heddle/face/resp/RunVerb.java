package dev.heddle.face.resp;

/** RUN or SH: a command that runs while its client waits. */
record RunVerb(RunOptions options) implements Verb {
    @Override
    public boolean streams() {
        return options.stream();
    }
}
