package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.is;
import static dev.heddle.face.resp.WordReader.text;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The clients that {@code CLIENT LIST} and {@code CLIENT KILL} mean: pairs of a word and a value, all of which must
 * fit. Mistakes are answered with the texts of Redis.
 *
 * @param sparesAsker whether the client that asks is left out although it fits, which is SKIPME
 */
record ClientFilter(Predicate<ClientState> fits, boolean sparesAsker) {
    private static final String SYNTAX_ERROR = "ERR syntax error";
    /** Each is held against every client: more than there may be clients is a mistake, or an attack. */
    private static final int MAX_WORDS = 10_000;

    /** Reads the pairs of {@code KILL}, which spares the client that asks unless they say otherwise. */
    static ClientFilter ofKill(List<byte[]> words) throws SyntaxException {
        requireFew(words);
        List<Predicate<ClientState>> filters = new ArrayList<>();
        boolean sparesAsker = true;
        for (int i = 0; i < words.size(); i += 2) {
            if (i + 1 == words.size()) {
                throw new SyntaxException(SYNTAX_ERROR);
            }
            String value = text(words.get(i + 1));
            switch (text(words.get(i)).toUpperCase(Locale.ROOT)) {
                case "ID" -> {
                    long id = number(value, "ERR client-id should be greater than 0");
                    filters.add(client -> client.id() == id);
                }
                case "ADDR" -> filters.add(client -> client.peer().equals(value));
                case "LADDR" -> filters.add(client -> client.local().equals(value));
                case "USER" -> filters.add(client -> client.user().equals(value));
                case "TYPE" -> filters.add(type(value));
                case "MAXAGE" -> {
                    long seconds = number(value, "ERR maxage is not an integer or out of range");
                    filters.add(client -> client.ageSeconds() >= seconds);
                }
                case "SKIPME" -> sparesAsker = yes(value);
                default -> throw new SyntaxException(SYNTAX_ERROR);
            }
        }
        return new ClientFilter(client -> filters.stream().allMatch(filter -> filter.test(client)), sparesAsker);
    }

    /** Reads what follows {@code LIST}: nothing, one type, or several IDs behind the word. */
    static ClientFilter ofList(List<byte[]> words) throws SyntaxException {
        if (words.isEmpty()) {
            return new ClientFilter(client -> true, false);
        }
        if (is(words.get(0), "TYPE") && words.size() == 2) {
            return new ClientFilter(type(text(words.get(1))), false);
        }
        if (is(words.get(0), "ID") && words.size() > 1) {
            requireFew(words);
            Set<Long> ids = new HashSet<>();
            for (byte[] id : words.subList(1, words.size())) {
                ids.add(number(text(id), "ERR Invalid client ID"));
            }
            return new ClientFilter(client -> ids.contains(client.id()), false);
        }
        throw new SyntaxException(SYNTAX_ERROR);
    }

    private static void requireFew(List<byte[]> words) throws SyntaxException {
        if (words.size() > MAX_WORDS - 2) { // behind CLIENT and its subcommand
            throw new SyntaxException("ERR more than " + MAX_WORDS + " words to choose clients by");
        }
    }

    private static Predicate<ClientState> type(String value) throws SyntaxException {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "normal" -> client -> client.channels() == 0;
            case "pubsub" -> client -> client.channels() > 0;
            case "master", "replica", "slave" -> client -> false; // there are none of these here
            case String other -> throw new SyntaxException("ERR Unknown client type '" + value + "'");
        };
    }

    private static boolean yes(String value) throws SyntaxException {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes" -> true;
            case "no" -> false;
            case String other -> throw new SyntaxException(SYNTAX_ERROR);
        };
    }

    private static long number(String digits, String error) throws SyntaxException {
        if (!digits.matches("[1-9][0-9]{0,17}")) {
            throw new SyntaxException(error);
        }
        return Long.parseLong(digits);
    }
}
