package dev.heddle;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** What classes may use, beyond the direction of their packages, which {@link PackageDependencyTest} holds. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPath(Path.of("target", "classes"));

    /** Its monitor is shared with the reaper only: to wake a platform thread starts none. */
    private static final String MONITOR_OF_PLATFORM_THREADS = "dev/heddle/process/linux/child/OwnChildren.java";

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }

    @Test
    void theCommandScopeAloneNamesTheStructuredTaskScope() {
        check(noClasses().that().doNotHaveFullyQualifiedName("dev.heddle.scope.CommandScope")
                .should().dependOnClassesThat().haveNameMatching("java\\.util\\.concurrent\\.StructuredTaskScope.*"));
        assertThat(CLASSES.get("dev.heddle.scope.CommandScope").getDirectDependenciesFromSelf())
                .as("the rule sees the scope").anySatisfy(use ->
                        assertThat(use.getTargetClass().getName()).contains("StructuredTaskScope"));
    }

    @Test
    void facesCallTheServiceAndNothingBelowIt() {
        check(noClasses().that().resideInAPackage("dev.heddle.face..").should().dependOnClassesThat()
                .resideInAnyPackage("dev.heddle.run..", "dev.heddle.job..", "dev.heddle.process.."));
    }

    @Test
    void theServiceAndAllBelowItKnowNoFace() {
        check(noClasses().that().resideInAnyPackage("dev.heddle.service..", "dev.heddle.job..", "dev.heddle.run..",
                "dev.heddle.process..", "dev.heddle.net..", "dev.heddle.access..", "dev.heddle.command..")
                .should().dependOnClassesThat().resideInAnyPackage("dev.heddle.face..", "dev.heddle.resp.."));
    }

    @Test
    void theCommandLineAloneUsesPicocliAndJLine() {
        check(noClasses().that().resideOutsideOfPackage("dev.heddle.cli..").should().dependOnClassesThat()
                .resideInAnyPackage("picocli..", "org.jline.."));
    }

    /**
     * The rules of PrivateDescriptorTable for all that its threads reach: no log, no lock of others, no thread. What is
     * handed to an executor there runs on another thread, so lambdas beside such a call do not count.
     */
    @Test
    void spawnThreadsLogNothingTakeNoLockAndStartNoThread() throws Exception {
        Set<JavaCodeUnit> reached = reachedBySpawnThreads();
        assertThat(reached).as("what runs on spawn threads").extracting(JavaCodeUnit::getFullName)
                .anyMatch(name -> name.contains("Spawner$StartTask.run(")).anyMatch(name -> name.contains("SpawnCalls.spawn("))
                .anyMatch(name -> name.contains("SpawnJob.run(")).anyMatch(name -> name.contains("ProgramSearch.find("));
        List<String> wrong = new ArrayList<>();
        Set<String> sources = new TreeSet<>();
        for (JavaCodeUnit unit : reached) {
            callsOnThisThread(unit).map(call -> forbidden(unit, call)).filter(text -> !text.isEmpty())
                    .forEach(wrong::add);
            sources.add(unit.getOwner().getName().replaceAll("\\$.*", "").replace('.', '/') + ".java");
        }
        for (String source : sources) { // class files say nothing of it to ArchUnit
            if (!source.equals(MONITOR_OF_PLATFORM_THREADS)
                    && withoutComments(Files.readString(Path.of("src", "main", "java").resolve(source)))
                            .contains("synchronized")) {
                wrong.add(source + " has something synchronized");
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Set<JavaCodeUnit> reachedBySpawnThreads() {
        Set<JavaCodeUnit> reached = new LinkedHashSet<>();
        Deque<JavaCodeUnit> open = new ArrayDeque<>();
        open.addAll(methods("dev.heddle.process.linux.spawn.SpawnThreads", "serve"));
        open.addAll(methods("dev.heddle.process.linux.spawn.PrivateDescriptorTable", "live"));
        assertThat(open).hasSize(2);
        while (!open.isEmpty()) {
            JavaCodeUnit unit = open.remove();
            if (reached.add(unit)) {
                callsOnThisThread(unit).forEach(call -> open.addAll(targets(call)));
            }
        }
        return reached;
    }

    private static Set<JavaMethod> methods(String owner, String name) {
        Set<JavaMethod> methods = new LinkedHashSet<>(CLASSES.get(owner).getMethods());
        methods.removeIf(method -> !method.getName().equals(name));
        return methods;
    }

    private static Stream<JavaCall<?>> callsOnThisThread(JavaCodeUnit unit) {
        boolean handsOver = unit.getCallsFromSelf().stream().anyMatch(call -> call.getName().equals("execute")
                && call.getTargetOwner().isAssignableTo(Executor.class));
        return unit.getCallsFromSelf().stream().filter(call -> !handsOver || !call.isDeclaredInLambda());
    }

    /** The project's own methods that a call may run: for one of an interface, those of all that implement it. */
    private static Set<JavaCodeUnit> targets(JavaCall<?> call) {
        Set<JavaCodeUnit> targets = new LinkedHashSet<>();
        JavaClass owner = call.getTargetOwner();
        if (!owner.getPackageName().startsWith("dev.heddle")
                || owner.getName().equals("dev.heddle.process.linux.pipe.Poller")) { // execute() is the way out
            return targets;
        }
        call.getTarget().resolveMember().filter(JavaCodeUnit.class::isInstance).map(JavaCodeUnit.class::cast)
                .filter(unit -> unit.getOwner().getPackageName().startsWith("dev.heddle")).ifPresent(targets::add);
        List<String> parameters = call.getTarget().getRawParameterTypes().stream().map(JavaClass::getName).toList();
        for (JavaClass below : owner.getAllSubclasses()) {
            below.getMethods().stream().filter(method -> method.getName().equals(call.getName())
                            && method.getRawParameterTypes().stream().map(JavaClass::getName).toList().equals(parameters))
                    .forEach(targets::add);
        }
        return targets;
    }

    private static String forbidden(JavaCodeUnit unit, JavaCall<?> call) {
        String owner = call.getTargetOwner().getName();
        String name = call.getName();
        boolean log = owner.startsWith("org.slf4j.");
        boolean parks = owner.equals("java.util.concurrent.locks.LockSupport") && name.startsWith("park");
        boolean lock = owner.startsWith("java.util.concurrent.locks.") && !parks
                || owner.equals("java.util.concurrent.CompletableFuture") && !name.equals("<init>")
                || owner.equals("java.lang.Object") && (name.startsWith("notify") || name.equals("wait"));
        boolean starts = owner.startsWith("java.lang.Thread")
                && (name.startsWith("start") || name.equals("unstarted") || name.equals("<init>"));
        boolean isTable = unit.getFullName()
                .startsWith("dev.heddle.process.linux.spawn.PrivateDescriptorTable.startNext(");
        return log || lock || starts && !isTable ? unit.getFullName() + " calls " + owner + "." + name : "";
    }

    /** Words of RESP: codes at the beginning of an error's text, and verbs, subcommands and options. */
    private static final Pattern RESP_WORD = Pattern.compile(
            "^-?(?:ERR|BUSY|GONE|DENIED|TOOBIG|NOTFOUND|NOTEXEC|BADDIR|NOJOB|NOPERM|UNSUPPORTED)(?:\\s.*)?$"
                    + "|\\b(?:NOAUTH|WRONGPASS|NOPROTO|NOTPERMITTED|DETACHED|SUBSCRIBE|HELLO|AUTH|PONG)\\b"
                    + "|\\b(?:JOB|CLIENT|COMMAND) [A-Z]{2,}|\\bRUN STREAM"
                    + "|\\b(?:CWD|ENV|STDIN|TIMEOUT|MAXOUT|LIMIT|MERGE|LABEL|READONLY)\\b"
                    + "|^(?:RUN|SH|JOB|PING|ECHO|INFO|QUIT|RESET|SELECT|EOF|DETACH|FROM|TAIL)$"
                    + "|\\b(?:or|and|use|with|by|to) (?:RUN|SH|JOB)\\b|^(?:RUN|SH|JOB) ", Pattern.DOTALL);
    private static final Pattern STRING = Pattern.compile("\"\"\"(.*?)\"\"\"|\"((?:[^\"\\\\\\n]|\\\\.)*+)\"",
            Pattern.DOTALL);

    /** Texts that may have such a word, by file, with the reason. */
    private static final Map<String, Set<String>> EXCEPTIONS = Map.of(
            // an environment variable of shells
            "access/DangerousVariables.java", Set.of("ENV"),
            // texts that clients know: they name what a policy forbids by the option that asks for it
            "access/PolicyCheck.java", Set.of("CWD '", "ENV '", "TIMEOUT is at most ", "SH"),
            // codes that the command line gets from the client library, and turns into exit codes and advice
            "cli/remote/CredentialOptions.java", Set.of("WRONGPASS", "WRONGPASS user '"),
            "cli/remote/RemoteResult.java", Set.of("NOAUTH", "WRONGPASS", "NOTFOUND", "NOTEXEC", "TOOBIG"),
            // the name of a parameter in the help
            "cli/remote/KillCommand.java", Set.of("JOB"),
            "cli/remote/LogsCommand.java", Set.of("JOB"),
            "cli/remote/WaitCommand.java", Set.of("JOB"),
            // a signal
            "command/Signals.java", Set.of("QUIT"),
            // for a client of RESP that has come to the wrong port, in its language
            "face/ready/ReadySession.java", Set.of("-ERR this port speaks ready://, not RESP\\r\\n"));

    @Test
    void wordsOfRespAreInItsOwnPackagesOnly() throws Exception {
        Set<String> found = new TreeSet<>();
        Set<String> allowed = new TreeSet<>();
        EXCEPTIONS.forEach((file, texts) -> texts.forEach(text -> allowed.add(file + ": " + text)));
        int files = 0;
        for (Path source : sources()) {
            String file = source.toString().replaceFirst(".*/dev/heddle/", "");
            if (file.matches("(?:resp|face/resp|client)/.*")) {
                continue;
            }
            files++;
            Matcher strings = STRING.matcher(withoutComments(Files.readString(source)));
            while (strings.find()) {
                String text = strings.group(1) == null ? strings.group(2) : strings.group(1);
                if (RESP_WORD.matcher(text).find()) {
                    found.add(file + ": " + text);
                }
            }
        }
        assertThat(files).as("sources").isGreaterThan(150);
        assertThat(found).as("words of RESP outside resp, face.resp and client").isEqualTo(allowed);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    /** The source without its comments, its literals as they are. */
    private static String withoutComments(String source) {
        return Pattern.compile("(\"\"\".*?\"\"\"|\"(?:[^\"\\\\\\n]|\\\\.)*+\"|'(?:[^'\\\\]|\\\\.)+')|//[^\\n]*|/\\*.*?\\*/",
                Pattern.DOTALL).matcher(source)
                .replaceAll(match -> match.group(1) == null ? " " : Matcher.quoteReplacement(match.group(1)));
    }
}
