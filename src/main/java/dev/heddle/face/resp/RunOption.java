package dev.heddle.face.resp;

import static dev.heddle.face.resp.WordReader.latin;
import static dev.heddle.face.resp.WordReader.number;

import dev.heddle.command.Command;
import dev.heddle.command.Command.OverLimit;
import dev.heddle.command.Payload;
import dev.heddle.command.WorkingDirectory;
import dev.heddle.memory.ChunkPool;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.Words;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The options of RUN, SH and JOB START, one row each: parsing, the list of known options in error texts and
 * {@code COMMAND DOCS} come from it. Their names are case-sensitive.
 */
enum RunOption {
    CWD("dir", (draft, values) -> draft.directory = Optional.of(directory(values.get(0)))),
    ENV("name value", (draft, values) -> draft.environment.add(variable(values.get(0), values.get(1)))),
    STDIN("bytes", (draft, values) -> draft.stdin = Optional.of(values.payload(0))),
    TIMEOUT("ms", (draft, values) -> draft.timeout = Optional.of(WordReader.millis("TIMEOUT", values.get(0), 1))),
    MAXOUT("bytes", (draft, values) ->
            draft.maxOutput = OptionalLong.of(number("MAXOUT", values.get(0), 1, WordReader.MAX_NUMBER))),
    LIMIT("keep|kill", (draft, values) -> draft.overLimit = Optional.of(overLimit(values.get(0)))),
    MERGE("", (draft, values) -> draft.merge = true),
    STREAM("", (draft, values) -> draft.stream = true),
    ID("token", (draft, values) -> draft.id = Optional.of(id(values.get(0)))),
    NAME("word", (draft, values) -> draft.name = Optional.of(name("NAME", values.get(0)))),
    LABEL("key value", (draft, values) -> label(draft.labels, values.get(0), values.get(1)));

    /** All of them, as error texts list them. */
    static final String KNOWN = Arrays.stream(values()).map(RunOption::usage).collect(Collectors.joining(", "));

    private static final Map<String, RunOption> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(RunOption::name, Function.identity()));
    private static final Pattern NAME_WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
    private static final int MAX_ID_BYTES = 128;
    private static final int MAX_LABELS = 16;
    private static final int MAX_LABEL_BYTES = 256;

    /** The values of one option; the first one has this place in the request. */
    record Values(List<byte[]> request, int first) {
        byte[] get(int index) {
            return request.get(first + index);
        }

        /** Takes a value out of the request. A long one stays in the pieces in which it was read. */
        Payload payload(int index) {
            byte[][] pieces = Words.take(request, first + index);
            return pieces.length == 1 ? Payload.of(pieces[0]) : new Payload(pieces, ChunkPool::give);
        }
    }

    /** Notes the values of one option. */
    private interface Taker {
        void take(RunOptions.Draft draft, Values values) throws SyntaxException;
    }

    private final String valueNames;
    private final int valueCount;
    private final Taker taker;

    RunOption(String valueNames, Taker taker) {
        this.valueNames = valueNames;
        valueCount = valueNames.isEmpty() ? 0 : valueNames.split(" ").length;
        this.taker = taker;
    }

    static Optional<RunOption> named(String word) {
        return Optional.ofNullable(BY_NAME.get(word));
    }

    /** Its name and those of its values, as in {@code ENV name value}. */
    String usage() {
        return valueNames.isEmpty() ? name() : name() + " " + valueNames;
    }

    /** How many words follow its name. */
    int valueCount() {
        return valueCount;
    }

    /** The options of one form as COMMAND DOCS describes arguments. */
    static RespValue docs(RunOptions.Form form) {
        return new RespValue.ArrayReply(Arrays.stream(values())
                .filter(option -> option != STREAM || form != RunOptions.Form.JOB_START)
                .map(RunOption::docs).toList());
    }

    private RespValue docs() {
        Map<RespValue, RespValue> docs = new LinkedHashMap<>();
        docs.put(BulkString.of("name"),
                BulkString.of(valueNames.isEmpty() ? name().toLowerCase(Locale.ROOT) : valueNames));
        docs.put(BulkString.of("type"), BulkString.of(valueNames.isEmpty() ? "pure-token" : "string"));
        docs.put(BulkString.of("token"), BulkString.of(name()));
        docs.put(BulkString.of("flags"), new RespValue.SetReply(List.of(new RespValue.SimpleString("optional"))));
        return RespValue.MapReply.of(docs);
    }

    void take(RunOptions.Draft draft, Values values) throws SyntaxException {
        taker.take(draft, values);
    }

    private static WorkingDirectory directory(byte[] path) throws SyntaxException {
        if (path.length == 0) {
            throw SyntaxException.of("CWD needs a directory");
        }
        return WorkingDirectory.of(path);
    }

    private static Command.Variable variable(byte[] name, byte[] value) throws SyntaxException {
        boolean valid = name.length > 0;
        for (byte b : name) {
            valid &= b != '=' && b != 0;
        }
        if (!valid) {
            throw SyntaxException.of("ENV takes a name without '=', then a value");
        }
        return new Command.Variable(name, value);
    }

    private static OverLimit overLimit(byte[] word) throws SyntaxException {
        return switch (latin(word)) {
            case "keep" -> OverLimit.KEEP;
            case "kill" -> OverLimit.KILL;
            case String other -> throw SyntaxException.of("LIMIT takes keep or kill, not '" + other + "'");
        };
    }

    private static String id(byte[] token) throws SyntaxException {
        if (token.length == 0 || token.length > MAX_ID_BYTES) {
            throw SyntaxException.of("ID takes 1 to " + MAX_ID_BYTES + " bytes");
        }
        return latin(token);
    }

    private static String name(String what, byte[] word) throws SyntaxException {
        String name = latin(word);
        if (!NAME_WORD.matcher(name).matches()) {
            throw SyntaxException.of(what + " takes 1 to 64 letters, digits, '_', '.' and '-', a letter or digit"
                    + " first, not '" + name + "'");
        }
        return name;
    }

    private static void label(Map<String, String> labels, byte[] key, byte[] value) throws SyntaxException {
        labels.put(name("LABEL", key), labelText(value));
        if (labels.size() > MAX_LABELS) {
            throw SyntaxException.of("a command has at most " + MAX_LABELS + " labels");
        }
    }

    private static String labelText(byte[] value) throws SyntaxException {
        if (value.length <= MAX_LABEL_BYTES) {
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
                if (text.chars().noneMatch(Character::isISOControl)) {
                    return text;
                }
            } catch (CharacterCodingException e) {
                // refused below
            }
        }
        throw SyntaxException.of("a LABEL's value has at most " + MAX_LABEL_BYTES
                + " bytes of UTF-8 without control characters");
    }
}
