package dev.heddle.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A shell script that leaves a line in a file for each run, prints its process id, and ends when it is let go. */
public record CountedScript(Path directory) {
    public String text() {
        return "echo run >> " + runsFile() + "; until [ -e " + goFile() + " ]; do sleep 0.02; done; echo $$";
    }

    public int runs() throws IOException {
        return Files.exists(runsFile()) ? Files.readAllLines(runsFile()).size() : 0;
    }

    /** May be called before the script runs, and again. */
    public void letGo() throws IOException {
        Files.writeString(goFile(), "");
    }

    private Path runsFile() {
        return directory.resolve("runs");
    }

    private Path goFile() {
        return directory.resolve("go");
    }
}
