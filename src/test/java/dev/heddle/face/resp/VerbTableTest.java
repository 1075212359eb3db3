package dev.heddle.face.resp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.command.Command.OverLimit;
import dev.heddle.resp.RespVersion;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What requests are parsed into: a typed verb, or the error reply for a mistake. */
class VerbTableTest {
    private static final String OPTIONS = "CWD dir, ENV name value, STDIN bytes, TIMEOUT ms, MAXOUT bytes,"
            + " LIMIT keep|kill, MERGE, STREAM, ID token, NAME word, LABEL key value";
    private static final String CLIENTS = "Try ID, GETNAME, SETNAME, SETINFO, INFO, LIST, KILL.";
    private static final String JOBS = "Try START, READ, WRITE, EOF, SIGNAL, WAIT, INFO, LIST, RM, ATTACH.";
    private static final String NAME = "takes 1 to 64 letters, digits, '_', '.' and '-', a letter or digit first, not";

    private Verb parse(List<String> words) {
        List<byte[]> bytes = words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toList();
        return VerbTable.parse(VerbTable.find(bytes.get(0)), bytes);
    }

    /** @param line its words, with blanks between them and {@code ''} for an empty one */
    private Verb parse(String line) {
        return parse(List.of(line.replace("''", "\0").split(" ")).stream()
                .map(word -> word.equals("\0") ? "" : word).toList());
    }

    private RunOptions options(String line) {
        return switch (parse(line)) {
            case RunOptions options -> options;
            case Verb other -> throw new AssertionError(other.toString());
        };
    }

    private static List<String> text(List<byte[]> words) {
        return words.stream().map(WordReader::text).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            DANCE a b                     | ERR unknown command 'DANCE', with args beginning with: 'a' 'b'
            ECHO                          | ERR wrong number of arguments for 'echo' command
            DETACH now                    | ERR wrong number of arguments for 'detach' command
            """)
    void aVerbThatIsUnknownOrMiscountedIsToldApart(String line, String error) {
        assertThat(parse(line)).isInstanceOfSatisfying(Verb.Unknown.class,
                unknown -> assertThat(unknown.error().strip()).isEqualTo(error));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '"', textBlock = """
            PING a b                 ~ ERR wrong number of arguments for 'ping' command
            AUTH a b c               ~ ERR syntax error
            HELLO 4                  ~ NOPROTO unsupported protocol version
            HELLO x                  ~ ERR Protocol version is not an integer or out of range
            HELLO 3 AUTH u           ~ ERR Syntax error in HELLO option 'AUTH'
            SELECT 1                 ~ ERR DB index is out of range
            SELECT x                 ~ ERR invalid DB index
            ACL LIST                 ~ ERR unknown subcommand or wrong number of arguments for 'LIST'. Try WHOAMI.
            CLIENT SETNAME           ~ ERR unknown subcommand or wrong number of arguments for 'SETNAME'. (clients)
            CLIENT SETNAME é         ~ ERR Client names cannot contain spaces, newlines or special characters.
            CLIENT SETINFO x y       ~ ERR Unrecognized option 'x'
            CLIENT LIST WHAT         ~ ERR syntax error
            CLIENT LIST ID 0         ~ ERR Invalid client ID
            CLIENT KILL ID x         ~ ERR client-id should be greater than 0
            CLIENT KILL TYPE x       ~ ERR Unknown client type 'x'
            CONFIG SET a b           ~ ERR only CONFIG GET is understood; the server is configured at its start
            COMMAND WHAT             ~ ERR unknown subcommand 'WHAT'. Try COUNT, LIST, DOCS, INFO.
            JOB DANCE                ~ ERR unknown subcommand 'DANCE'. (jobs)
            JOB read 1               ~ ERR wrong number of arguments for 'job|read' command
            JOB READ 1 x             ~ ERR syntax: a cursor is a number from 0 to 999999999999999999, not 'x'
            JOB READ 1 0 FOO         ~ ERR syntax: FOO needs a value
            JOB READ 1 0 FOO 1       ~ ERR syntax: unknown option 'FOO'; known: MAX bytes, BLOCK ms
            JOB WAIT 1 -1            ~ ERR syntax: WAIT is a number from 0 to 31536000000, not '-1'
            JOB ATTACH               ~ ERR wrong number of arguments for 'job|attach' command
            JOB ATTACH 1 FROM        ~ ERR syntax: FROM needs a value
            JOB ATTACH 1 FROM 1 TAIL ~ ERR syntax: TAIL needs a value
            JOB ATTACH 1 LAST 1      ~ ERR syntax: unknown option 'LAST'; known: FROM offset, TAIL bytes, READONLY
            JOB ATTACH 1 TAIL x      ~ ERR syntax: TAIL is a number from 0 to 999999999999999999, not 'x'
            JOB START                ~ ERR syntax: a program is missing
            JOB START STREAM -- x    ~ ERR syntax: a job does not STREAM: SUBSCRIBE to it, or use JOB READ
            JOB START LIMIT kill x   ~ ERR syntax: LIMIT is for RUN and SH: a job keeps the head and tail of its output
            RUN TIMEOT 5 -- ls       ~ ERR syntax: unknown option 'TIMEOT'; known: (options)
            RUN ENV A                ~ ERR syntax: ENV needs a value; known: (options)
            RUN TIMEOUT 0 LIMIT no x ~ ERR syntax: TIMEOUT is a number from 1 to 31536000000, not '0'
            RUN CWD '' x             ~ ERR syntax: CWD needs a directory
            RUN ID '' x              ~ ERR syntax: ID takes 1 to 128 bytes
            RUN STREAM MAXOUT 1 x    ~ ERR syntax: STREAM delivers all output: MAXOUT and LIMIT do not go with it
            RUN STREAM ID 1 x        ~ ERR syntax: STREAM cannot be sent again: with an ID, use JOB START and SUBSCRIBE
            RUN NAME .a x            ~ ERR syntax: NAME (name) '.a'
            RUN NAME '' x            ~ ERR syntax: NAME (name) ''
            SH LABEL a/b c x         ~ ERR syntax: LABEL (name) 'a/b'
            SH MERGE                 ~ ERR syntax: a script is missing
            """)
    void aMistakeHasItsText(String line, String error) {
        assertThat(parse(line)).isInstanceOfSatisfying(Verb.Malformed.class,
                malformed -> assertThat(malformed.error()).isEqualTo(error.replace("(options)", OPTIONS)
                        .replace("(clients)", CLIENTS)
                        .replace("(jobs)", JOBS).replace("(name)", NAME)));
    }

    /** Words to the stream may be on their way already. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RUN STREAM                    | true
            RUN STREAM TIMEOUT            | true
            SH TIMEOUT x STREAM y         | true
            RUN TIMEOUT x MERGE STREAM -- | true
            RUN TIMEOUT STREAM            | false
            RUN MERGE                     | false
            RUN MERJE STREAM --           | false
            JOB START STREAM x            | false
            """)
    void aMistakenRequestStillSaysWhetherItIsForAStream(String line, boolean streams) {
        assertThat(parse(line)).isInstanceOf(Verb.Malformed.class).extracting(Verb::streams).isEqualTo(streams);
    }

    @Test
    void labelsAreBounded() {
        List<String> words = new ArrayList<>(List.of("RUN"));
        IntStream.range(0, 16).forEach(i -> words.addAll(List.of("LABEL", "k" + i, "v")));
        words.addAll(List.of("LABEL", "k1", "x".repeat(256), "program"));
        assertThat(parse(words)).isInstanceOf(RunOptions.class);
        words.addAll(1, List.of("LABEL", "k16", ""));
        assertMalformed(words, "at most 16 labels");
        for (String value : List.of("x".repeat(257), "é".repeat(129), "a\nb", "\u007f", "\u0085")) {
            assertMalformed(List.of("RUN", "LABEL", "k", value, "program"), "a LABEL's value has at most 256 bytes");
        }
        List<byte[]> invalid = List.of("RUN".getBytes(StandardCharsets.US_ASCII),
                "LABEL".getBytes(StandardCharsets.US_ASCII), new byte[]{'k'}, new byte[]{(byte) 0xff}, new byte[]{'x'});
        assertThat(RunOptions.Form.RUN.parse(invalid)).isInstanceOf(Verb.Malformed.class);
        assertMalformed(List.of("RUN", "NAME", "x".repeat(65), "program"), "NAME takes 1 to 64");
    }

    private void assertMalformed(List<String> words, String part) {
        assertThat(parse(words)).isInstanceOfSatisfying(Verb.Malformed.class,
                malformed -> assertThat(malformed.error()).contains(part));
    }

    @Test
    void allOptionsAreTaken() {
        RunOptions options = options("SH CWD /d ENV A b STDIN in TIMEOUT 5 MAXOUT 7 LIMIT kill MERGE ID 1 NAME n.1"
                + " LABEL k v -- script STREAM");
        assertThat(options.form()).isEqualTo(RunOptions.Form.SH);
        assertThat(text(options.words())).containsExactly("script", "STREAM");
        assertThat(options.directory()).hasValueSatisfying(
                directory -> assertThat(directory.path()).asString().isEqualTo("/d"));
        assertThat(options.environment()).singleElement().satisfies(
                variable -> assertThat(text(List.of(variable.name(), variable.value()))).containsExactly("A", "b"));
        assertThat(options.stdin()).hasValueSatisfying(stdin -> assertThat(stdin.next()).asString().isEqualTo("in"));
        assertThat(options.timeout()).hasValue(Duration.ofMillis(5));
        assertThat(options.maxOutput()).hasValue(7);
        assertThat(options.overLimit()).hasValue(OverLimit.KILL);
        assertThat(options.merge()).isTrue();
        assertThat(options.stream()).isFalse();
        assertThat(options.id()).hasValue("1");
        assertThat(options.name()).hasValue("n.1");
        assertThat(options.labels()).isEqualTo(Map.of("k", "v"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RUN env                       | env
            RUN name x                    | name x
            RUN -- NAME                   | NAME
            RUN MERGE -- -- --            | -- --
            RUN STREAM TOP                | TOP
            JOB START LIMIT keep top      | top
            """)
    void theOptionsEndAtTheFirstWordThatIsNone(String line, String rest) {
        assertThat(String.join(" ", text(options(line).words()))).isEqualTo(rest);
    }

    @Test
    void verbsHaveTypes() {
        assertThat(parse("ping")).isSameAs(parse("PING"));
        assertThat(parse("run STREAM x").streams()).isTrue();
        assertThat(parse("hello 3 setname a")).isEqualTo(new ConnectionVerb.Hello(
                Optional.of(RespVersion.RESP3), Optional.empty(), Optional.of("a")));
        assertThat(parse("Acl WhoAmI")).isEqualTo(new ConnectionVerb.WhoAmI());
        assertThat(parse("client kill 1.2.3.4:5")).isEqualTo(new ClientVerb.KillAddress("1.2.3.4:5"));
        assertThat(parse("client kill ID 3")).isInstanceOf(ClientVerb.Kill.class);
        assertThat(parse("SIGNAL term")).isInstanceOfSatisfying(StreamWord.Signal.class,
                signal -> assertThat(signal.name()).isEqualTo("term"));
        assertThat(parse("detach")).isInstanceOf(StreamWord.Detach.class);
        assertThat(parse("JOB LIST")).isEqualTo(new JobVerb.ListAll());
        assertThat(parse("job read 7 5 block 9 max 0")).isEqualTo(
                new JobVerb.Read("7", 5, 1, Duration.ofMillis(9)));
        assertThat(parse("JOB WAIT 7")).isEqualTo(new JobVerb.Wait("7", WordReader.UNBOUNDED));
        assertThat(parse("JOB ATTACH 7")).isEqualTo(new JobVerb.Attach("7", 0, OptionalLong.empty(), false));
        assertThat(parse("JOB ATTACH 7 READONLY FROM 9")).isEqualTo(
                new JobVerb.Attach("7", 9, OptionalLong.empty(), true));
        assertThat(parse("job attach work tail 0")).isEqualTo(
                new JobVerb.Attach("work", 0, OptionalLong.of(0), false));
    }
}
