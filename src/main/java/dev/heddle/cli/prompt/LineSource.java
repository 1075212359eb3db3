package dev.heddle.cli.prompt;

import dev.heddle.cli.local.StandardInput;
import dev.heddle.platform.LosslessUtf8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;

import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Reads lines from a terminal, with a prompt and editing, or from a pipe, without either. Closing restores it. */
abstract sealed class LineSource implements Closeable {
    /** What a wait for a line brought. */
    sealed interface Line {
        record Text(String text) implements Line {}

        /** A person typed Ctrl-C on the line. */
        record Interrupted() implements Line {}

        /** A person typed Ctrl-D, or the pipe has ended. */
        record End() implements Line {}
    }

    /** Waits for a line. Only persons see the prompt. */
    abstract Line next(String prompt) throws IOException;

    /** Sets an action that runs when Ctrl-C is typed between the lines; without one it ends this process. */
    abstract void onInterrupt(Runnable action);

    /**
     * Opens stdin.
     *
     * @param history   where a person's lines are remembered; empty for nowhere
     * @param multiLine whether a line with an open quote, or a backslash at its end, goes on with the next one
     */
    static LineSource open(Optional<Path> history, boolean multiLine) throws IOException {
        DefaultParser parser = new DefaultParser();
        parser.setEofOnUnclosedQuote(multiLine);
        parser.setEofOnEscapedNewLine(multiLine);
        return StandardInput.isTerminal() ? new Typed(history, parser) : new Piped(parser);
    }

    private static final class Typed extends LineSource {
        private final Terminal terminal;
        private final LineReader reader;

        Typed(Optional<Path> history, Parser parser) throws IOException {
            terminal = TerminalBuilder.builder().system(true).stdinEncoding(LosslessUtf8.CHARSET).build();
            if (terminal.getWidth() == 0) {
                terminal.setSize(new Size(80, 24)); // the terminal was never given a size: JLine would show dots
            }
            LineReaderBuilder builder = LineReaderBuilder.builder().terminal(terminal).parser(parser)
                    .history(new TextHistory())
                    .variable(LineReader.SECONDARY_PROMPT_PATTERN, "> ")
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // "!" belongs to the remote shell
                    .option(LineReader.Option.BRACKETED_PASTE, false);
            if (history.isPresent()) {
                builder.variable(LineReader.HISTORY_FILE, privateFile(history.get()));
            }
            reader = builder.build();
        }

        /** Keeps the history in a file of text, where a line with other bytes cannot be written. */
        private static final class TextHistory extends DefaultHistory {
            @Override
            public void add(Instant time, String line) {
                if (StandardCharsets.UTF_8.newEncoder().canEncode(line)) {
                    super.add(time, line);
                }
            }
        }

        /** Makes a file that only its owner can read, because lines that people type may hold secrets. */
        private static Path privateFile(Path file) throws IOException {
            Files.createDirectories(file.getParent());
            if (Files.notExists(file)) {
                Files.createFile(file,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return file;
        }

        @Override
        Line next(String prompt) {
            try {
                return new Line.Text(reader.readLine(prompt));
            } catch (UserInterruptException e) {
                return new Line.Interrupted();
            } catch (EndOfFileException e) {
                return new Line.End();
            }
        }

        @Override
        void onInterrupt(Runnable action) {
            terminal.handle(Terminal.Signal.INT, signal -> action.run());
        }

        @Override
        public void close() throws IOException {
            terminal.close();
        }
    }

    private static final class Piped extends LineSource {
        /** Reads bytes one to one: a reader of {@link LosslessUtf8} would lose a piece of a character at the end. */
        private final BufferedReader reader =
                new BufferedReader(new InputStreamReader(StandardInput.open(), StandardCharsets.ISO_8859_1));
        private final Parser parser;

        Piped(Parser parser) {
            this.parser = parser;
        }

        @Override
        Line next(String prompt) throws IOException {
            String line = readLine();
            if (line == null) {
                return new Line.End();
            }
            while (isOpen(line)) {
                String more = readLine();
                if (more == null) {
                    break; // the remote shell will say what is missing
                }
                line += "\n" + more;
            }
            return new Line.Text(line);
        }

        private String readLine() throws IOException {
            String bytes = reader.readLine();
            return bytes == null ? null : LosslessUtf8.decode(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }

        private boolean isOpen(String line) {
            try {
                parser.parse(line, line.length(), Parser.ParseContext.ACCEPT_LINE);
                return false;
            } catch (EOFError e) {
                return true;
            }
        }

        @Override
        void onInterrupt(Runnable action) {
            // Without a terminal Ctrl-C ends the process, as usual.
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
