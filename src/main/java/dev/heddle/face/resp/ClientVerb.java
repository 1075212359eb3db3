package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.is;
import static dev.heddle.face.resp.WordReader.text;

import java.util.List;

/** {@code CLIENT}: the connection's own name and id, and a look at all clients; texts for mistakes as in Redis. */
sealed interface ClientVerb extends Verb {
    record Id() implements ClientVerb {}

    record GetName() implements ClientVerb {}

    record SetName(String name) implements ClientVerb {}

    record SetLibraryName(String name) implements ClientVerb {}

    record SetLibraryVersion(String version) implements ClientVerb {}

    record Info() implements ClientVerb {}

    record ListAll(ClientFilter filter) implements ClientVerb {}

    record Kill(ClientFilter filter) implements ClientVerb {}

    /** Disconnects the client of an address; the old form, {@code CLIENT KILL ip:port}. */
    record KillAddress(String address) implements ClientVerb {}

    /** Of each name that a client gives itself: the server keeps them for as long as the client is connected. */
    int MAX_NAME_BYTES = 256;

    Subcommands SUBCOMMANDS = new Subcommands("client", false, List.of(
            new Subcommands.Row("ID", 2, 2, "Shows the connection's id.", words -> new Id()),
            new Subcommands.Row("GETNAME", 2, 2, "Shows the connection's name.", words -> new GetName()),
            new Subcommands.Row("SETNAME", 3, 3, "Names the connection.",
                    words -> new SetName(clientName(words.get(2)))),
            new Subcommands.Row("SETINFO", 4, 4, "Names the client's library and its version.",
                    ClientVerb::setInfo),
            new Subcommands.Row("INFO", 2, 2, "Describes the connection.", words -> new Info()),
            new Subcommands.Row("LIST", 2, Integer.MAX_VALUE, "Describes clients: CLIENT LIST [TYPE type|ID id...]",
                    words -> new ListAll(ClientFilter.ofList(words.subList(2, words.size())))),
            new Subcommands.Row("KILL", 3, Integer.MAX_VALUE, "Disconnects clients: CLIENT KILL ip:port|filter...",
                    words -> words.size() == 3 ? new KillAddress(text(words.get(2)))
                            : new Kill(ClientFilter.ofKill(words.subList(2, words.size()))))));

    /** Reads what {@code CLIENT SETNAME} and {@code HELLO SETNAME} set. */
    static String clientName(byte[] word) throws SyntaxException {
        return name("Client names", word);
    }

    private static Verb setInfo(List<byte[]> words) throws SyntaxException {
        byte[] attribute = words.get(2);
        String value = name(text(attribute), words.get(3));
        if (is(attribute, "LIB-NAME")) {
            return new SetLibraryName(value);
        } else if (is(attribute, "LIB-VER")) {
            return new SetLibraryVersion(value);
        }
        throw new SyntaxException("ERR Unrecognized option '" + text(attribute) + "'");
    }

    /** @param what as the error reply calls it */
    private static String name(String what, byte[] word) throws SyntaxException {
        if (word.length > MAX_NAME_BYTES) {
            throw new SyntaxException("ERR " + what + " cannot be longer than " + MAX_NAME_BYTES + " bytes.");
        }
        for (byte b : word) {
            if (b < '!' || b > '~') {
                throw new SyntaxException("ERR " + what + " cannot contain spaces, newlines or special characters.");
            }
        }
        return text(word);
    }
}
