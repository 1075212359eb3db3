package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.is;
import static dev.heddle.face.resp.WordReader.text;

import dev.heddle.resp.RespVersion;

import java.util.List;
import java.util.Optional;

/** The verbs that concern the connection itself; texts for mistakes as in Redis. */
sealed interface ConnectionVerb extends Verb {
    /** Asks for a sign of life, with a text to be repeated or without. */
    record Ping(Optional<byte[]> text) implements ConnectionVerb {
        private static final Ping WITHOUT_TEXT = new Ping(Optional.empty());
    }

    record Echo(byte[] text) implements ConnectionVerb {}

    /** All of it takes effect, or nothing. */
    record Hello(Optional<RespVersion> version, Optional<Auth> login, Optional<String> name)
            implements ConnectionVerb {}

    record Auth(Optional<String> user, byte[] password) implements ConnectionVerb {}

    record WhoAmI() implements ConnectionVerb {}

    record Reset() implements ConnectionVerb {}

    record Quit() implements ConnectionVerb {}

    /** Of database 0, the only one. */
    record Select() implements ConnectionVerb {}

    Subcommands ACL = new Subcommands("acl", false, List.of(new Subcommands.Row("WHOAMI", 2, 2,
            "Shows as whom the client is logged in.", words -> new WhoAmI())));

    static Verb ping(List<byte[]> words) throws SyntaxException {
        return switch (words.size()) {
            case 1 -> Ping.WITHOUT_TEXT;
            case 2 -> new Ping(Optional.of(words.get(1)));
            default -> throw new SyntaxException("ERR wrong number of arguments for 'ping' command");
        };
    }

    static Verb auth(List<byte[]> words) throws SyntaxException {
        return switch (words.size()) {
            case 2 -> new Auth(Optional.empty(), words.get(1));
            case 3 -> new Auth(Optional.of(text(words.get(1))), words.get(2));
            default -> throw new SyntaxException("ERR syntax error");
        };
    }

    /** {@code HELLO [version [AUTH user password] [SETNAME name]]}. */
    static Verb hello(List<byte[]> words) throws SyntaxException {
        Optional<RespVersion> version = words.size() == 1 ? Optional.empty() : Optional.of(version(text(words.get(1))));
        Optional<Auth> login = Optional.empty();
        Optional<String> name = Optional.empty();
        int i = 2;
        while (i < words.size()) {
            if (is(words.get(i), "AUTH") && i + 2 < words.size()) {
                login = Optional.of(new Auth(Optional.of(text(words.get(i + 1))), words.get(i + 2)));
                i += 3;
            } else if (is(words.get(i), "SETNAME") && i + 1 < words.size()) {
                name = Optional.of(ClientVerb.clientName(words.get(i + 1)));
                i += 2;
            } else {
                throw new SyntaxException("ERR Syntax error in HELLO option '" + text(words.get(i)) + "'");
            }
        }
        return new Hello(version, login, name);
    }

    private static RespVersion version(String number) throws SyntaxException {
        return switch (number) {
            case "2" -> RespVersion.RESP2;
            case "3" -> RespVersion.RESP3;
            default -> throw new SyntaxException(number.matches("-?[0-9]{1,18}")
                    ? "NOPROTO unsupported protocol version"
                    : "ERR Protocol version is not an integer or out of range");
        };
    }

    static Verb select(List<byte[]> words) throws SyntaxException {
        String index = text(words.get(1));
        if (index.equals("0")) {
            return new Select();
        }
        throw new SyntaxException(index.matches("-?[0-9]+") ? "ERR DB index is out of range" : "ERR invalid DB index");
    }
}
