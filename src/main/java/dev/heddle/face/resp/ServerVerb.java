package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.is;

import java.util.List;

/** The verbs that tell what the server is, in the forms that Redis clients expect. */
sealed interface ServerVerb extends Verb {
    /** Names of sections; all when there are none. */
    record Info(List<byte[]> sections) implements ServerVerb {}

    record ConfigGet(List<byte[]> names) implements ServerVerb {}

    record CommandCount() implements ServerVerb {}

    record CommandList() implements ServerVerb {}

    /** Names of verbs; all when there are none. */
    record CommandDocs(List<byte[]> names) implements ServerVerb {}

    /** {@code COMMAND} and {@code COMMAND INFO}; all verbs when there are no names. */
    record CommandInfo(List<byte[]> names) implements ServerVerb {}

    Subcommands COMMAND = new Subcommands("command", true, List.of(
            new Subcommands.Row("COUNT", 2, Integer.MAX_VALUE, "Counts the commands.", words -> new CommandCount()),
            new Subcommands.Row("LIST", 2, Integer.MAX_VALUE, "Lists their names.", words -> new CommandList()),
            new Subcommands.Row("DOCS", 2, Integer.MAX_VALUE, "Describes them to people: COMMAND DOCS [name...]",
                    words -> new CommandDocs(words.subList(2, words.size()))),
            new Subcommands.Row("INFO", 2, Integer.MAX_VALUE, "Describes them to clients: COMMAND INFO [name...]",
                    words -> new CommandInfo(words.subList(2, words.size())))));

    static Verb config(List<byte[]> words) throws SyntaxException {
        if (!is(words.get(1), "GET") || words.size() < 3) {
            throw new SyntaxException("ERR only CONFIG GET is understood; the server is configured at its start");
        }
        return new ConfigGet(words.subList(2, words.size()));
    }

    static Verb command(List<byte[]> words) throws SyntaxException {
        return words.size() == 1 ? new CommandInfo(List.of()) : COMMAND.parse(words);
    }
}
