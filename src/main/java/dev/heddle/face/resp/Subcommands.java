package dev.heddle.face.resp;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The second word of a verb such as {@code JOB}, one row each: parsing, the texts for mistakes and
 * {@code COMMAND DOCS} come from it.
 *
 * @param verb      the first word, in lower case
 * @param countsApart whether a wrong number of words has an error of its own
 */
record Subcommands(String verb, boolean countsApart, List<Row> rows) implements Verb.Parser {
    /**
     * One subcommand.
     *
     * @param minWords with the verb and the subcommand
     * @param summary  one line for COMMAND DOCS
     */
    record Row(String name, int minWords, int maxWords, String summary, Verb.Parser parser) {}

    @Override
    public Verb parse(List<byte[]> words) throws SyntaxException {
        String asked = WordReader.text(words.get(1));
        for (Row row : rows) {
            if (WordReader.is(words.get(1), row.name)) {
                if (words.size() >= row.minWords && words.size() <= row.maxWords) {
                    return row.parser.parse(words);
                }
                if (countsApart) {
                    throw new SyntaxException("ERR wrong number of arguments for '" + verb + "|"
                            + row.name.toLowerCase(Locale.ROOT) + "' command");
                }
            }
        }
        throw new SyntaxException("ERR unknown subcommand" + (countsApart ? "" : " or wrong number of arguments for")
                + " '" + asked + "'. Try " + rows.stream().map(Row::name).collect(Collectors.joining(", ")) + ".");
    }
}
