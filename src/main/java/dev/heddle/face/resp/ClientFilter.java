package dev.heddle.face.resp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which clients {@code CLIENT LIST} and {@code CLIENT KILL} mean: pairs of a word and a value, all of which must
 * fit; with the texts of Redis for what is none.
 *
 * @param sparesAsker whether the client that asks is left out although it fits, which is SKIPME
 */
record ClientFilter(Predicate<ClientState> fits, boolean sparesAsker) {
    /** The client is at fault; the message is the error reply. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String reply) {
            super(reply);
        }
    }

    private static final String SYNTAX_ERROR = "ERR syntax error";
    private static final int FIRST_FILTER = 2; // behind CLIENT KILL
    /** Each is held against every client: more than there may be clients is a mistake, or an attack. */
    private static final int MAX_WORDS = 10_000;

    /** {@code KILL} takes pairs, and spares the client that asks unless it says otherwise. */
    static ClientFilter ofKill(Call call) throws SyntaxException {
        requireFewWords(call);
        List<Predicate<ClientState>> filters = new ArrayList<>();
        boolean sparesAsker = true;
        for (int i = FIRST_FILTER; i < call.size(); i += 2) {
            if (i + 1 == call.size()) {
                throw new SyntaxException(SYNTAX_ERROR);
            }
            String value = call.text(i + 1);
            switch (call.text(i).toUpperCase(Locale.ROOT)) {
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

    /** {@code LIST} takes several IDs behind the word, or one type. */
    static ClientFilter ofList(Call call) throws SyntaxException {
        if (call.size() == 2) {
            return new ClientFilter(client -> true, false);
        }
        if (call.is(2, "TYPE") && call.size() == 4) {
            return new ClientFilter(type(call.text(3)), false);
        }
        if (call.is(2, "ID") && call.size() > 3) {
            requireFewWords(call);
            Set<Long> ids = new HashSet<>();
            for (int i = 3; i < call.size(); i++) {
                ids.add(number(call.text(i), "ERR Invalid client ID"));
            }
            return new ClientFilter(client -> ids.contains(client.id()), false);
        }
        throw new SyntaxException(SYNTAX_ERROR);
    }

    private static void requireFewWords(Call call) throws SyntaxException {
        if (call.size() > MAX_WORDS) {
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
