package dev.heddle.process.linux.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heddle.command.RefusedException;
import dev.heddle.process.ChildProcess;
import dev.heddle.process.ExitStatus;
import dev.heddle.process.linux.child.OwnChildren;
import dev.heddle.process.linux.ffi.Abi;
import dev.heddle.process.linux.ffi.Buffer;
import dev.heddle.process.linux.ffi.CStrings;
import dev.heddle.process.linux.ffi.FileCalls;
import dev.heddle.process.linux.pipe.Poller;
import dev.heddle.testing.Await;
import dev.heddle.testing.Children;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The descriptors that spawn threads see, and those that they must not. */
class OwnTableTest {
    private static final int ROOM = 8;
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final SpawnThreads.Bounds BOUNDS =
            new SpawnThreads.Bounds(2, 2, 4, Duration.ofMillis(5), Duration.ofSeconds(20), Duration.ofSeconds(20));

    private Set<String> threadsBefore;
    private int nullDevice;
    private Poller poller;
    private SpawnTable table;
    private Spawner spawner;
    private SpawnThreads threads;
    private ServerSocket listener; // open before the tables part, as those of an application may be
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void partFromTheJvm() throws Exception {
        assumeThat(TASKS).exists();
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        accepted = listener.accept();
        threadsBefore = tasks();
        try (Buffer buffer = Buffer.borrow()) {
            CStrings.put("/dev/null".getBytes(), buffer.memory, 0);
            nullDevice = FileCalls.open(buffer.memory, Abi.O_RDWR | Abi.O_CLOEXEC, buffer);
        }
        poller = Poller.start();
        use(PrivateDescriptorTable.open(nullDevice, ROOM, poller));
    }

    private void use(SpawnTable spawnTable) {
        table = spawnTable;
        threads = new SpawnThreads(table, poller, BOUNDS);
        spawner = new Spawner(threads, table, poller, new OwnChildren(), nullDevice);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        listener.close();
    }

    private static Set<String> tasks() throws IOException {
        Set<String> tasks = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(TASKS)) {
            entries.forEach(entry -> tasks.add(entry.getFileName().toString()));
        }
        return tasks;
    }

    private static boolean partsFromTheJvm(String task) throws IOException {
        String name = Files.readString(TASKS.resolve(task).resolve("comm")).strip();
        return name.startsWith("spawn-") && !name.equals("spawn-watch");
    }

    private static List<String> descriptors(String task) throws IOException {
        List<String> targets = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(TASKS.resolve(task).resolve("fd"))) {
            for (Path entry : entries) {
                try {
                    targets.add(Files.readSymbolicLink(entry).toString());
                } catch (NoSuchFileException e) {
                    targets.add("closed meanwhile");
                }
            }
        }
        return targets;
    }

    private void run(String... argv) throws Exception {
        try (ChildProcess child = spawner.start(Children.spec(argv))) {
            assertThat(child.exit().get()).isEqualTo(new ExitStatus.Exited(0));
        }
    }

    @Test
    void spawnThreadsHoldNoSocketsAndNoPipesOfOthers() throws Exception {
        List<ChildProcess> running = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            running.add(spawner.start(Children.spec("sleep", "600")));
        }
        Await.until("both threads are there", () -> ours().size() == 3); // and the one that they come from
        for (String task : ours()) {
            assertThat(descriptors(task)).noneMatch(target -> target.startsWith("socket:"))
                    .noneMatch(target -> target.startsWith("pipe:") && !isStandard(target)).contains("/dev/null");
        }
        running.forEach(ChildProcess::close);
    }

    private List<String> ours() throws IOException {
        List<String> ours = new ArrayList<>();
        for (String task : tasks()) {
            if (!threadsBefore.contains(task) && partsFromTheJvm(task)) {
                ours.add(task);
            }
        }
        return ours;
    }

    /** Of the JVM itself: in a build it may well write to a pipe. */
    private static boolean isStandard(String target) {
        for (int fd = 0; fd <= 2; fd++) {
            try {
                if (Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString().equals(target)) {
                    return true;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return false;
    }

    @Test
    void aSocketThatTheJvmClosesIsClosed() throws Exception {
        run("true");
        accepted.close();
        client.setSoTimeout(20_000);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    /** The carriers among them, which may be started at any moment a virtual thread is unparked. */
    @Test
    void allOtherThreadsSeeWhatTheJvmOpens(@TempDir Path directory) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                runs.add(clients.submit(() -> {
                    run("true");
                    return null;
                }));
            }
            for (Future<?> each : runs) {
                each.get();
            }
        }
        Path file = Files.createFile(directory.resolve("opened-late"));
        try (InputStream opened = Files.newInputStream(file)) {
            for (String task : tasks()) {
                try {
                    if (threadsBefore.contains(task) && partsFromTheJvm(task)) {
                        continue; // of another test
                    }
                    assertThat(descriptors(task).contains(file.toString())).as("thread %s", task)
                            .isEqualTo(!partsFromTheJvm(task));
                } catch (IOException e) {
                    Await.until("it has ended", () -> !Files.exists(TASKS.resolve(task)));
                }
            }
        }
    }

    @Test
    void programsRunWithPipesThroughBothTables() throws Exception {
        for (SpawnTable each : List.of(table, new SharedDescriptorTable())) {
            use(each);
            try (ChildProcess child = spawner.start(Children.withStdin("sh", "-c", "cat; echo oops >&2"))) {
                child.stdin().write("hello".getBytes(), 0, 5);
                child.stdin().close();
                assertThat(Children.drain(child.stdout())).asString().isEqualTo("hello");
                assertThat(Children.drain(child.stderr())).asString().isEqualTo("oops\n");
                assertThat(child.exit().get()).isEqualTo(new ExitStatus.Exited(0));
            }
            assertThatThrownBy(() -> spawner.start(Children.spec("no-such-program")))
                    .isInstanceOf(RefusedException.class);
        }
    }

    /** So that what the JVM does on a spawn thread, a log line or a dump, reaches nobody's socket or pipe. */
    @Test
    void noNumberMeansOneThingHereAndAnotherThere() throws Exception {
        run("true");
        String self = Long.toString(ProcessHandle.current().pid());
        Map<Integer, String> jvm = numbers(self);
        Await.until("both threads are there", () -> ours().size() >= 2);
        for (String task : ours()) {
            numbers(task).forEach((fd, target) -> {
                if (fd > 2 && !target.equals("/dev/null")) {
                    assertThat(jvm).containsEntry(fd, target);
                }
            });
        }
        int free = 0; // for spawn threads, and never the JVM's
        for (int fd = 3; fd < Collections.max(jvm.keySet()); fd++) {
            if (!numbers(ours().getFirst()).containsKey(fd) && jvm.getOrDefault(fd, "").equals("/dev/null")) {
                free++;
            }
        }
        assertThat(free).isGreaterThanOrEqualTo(ROOM);
    }

    private static Map<Integer, String> numbers(String task) throws IOException {
        Map<Integer, String> numbers = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(TASKS.resolve(task).resolve("fd"))) {
            for (Path entry : entries) {
                try {
                    numbers.put(Integer.valueOf(entry.getFileName().toString()),
                            Files.readSymbolicLink(entry).toString());
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile
                }
            }
        }
        return numbers;
    }

    /** Hangs as on a dead mount, and then starts the program although nobody waits. */
    @Test
    void whatIsBornTooLateIsEndedAndItsPipesAreClosed() throws Exception {
        run("true"); // the threads are there
        int before = descriptors(Long.toString(ProcessHandle.current().pid())).size();
        Spawner.StartTask start = spawner.new StartTask(Children.spec("sleep", "600"));
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch mount = new CountDownLatch(1);
        List<Integer> born = new CopyOnWriteArrayList<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                threads.run(new SpawnTask<Integer>() {
                    @Override
                    public void prepare() throws RefusedException {
                        start.prepare();
                    }

                    @Override
                    public Integer run() throws RefusedException, TextBusyException {
                        hangs.countDown();
                        try {
                            mount.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                        born.add(start.run());
                        return born.getFirst();
                    }

                    @Override
                    public void discard(Integer pid) {
                        start.discard(pid);
                    }
                });
            } catch (InterruptedException e) {
                return; // as it should be
            } catch (RefusedException | SpawnTask.TextBusyException e) {
                throw new AssertionError(e);
            }
        });
        hangs.await();
        caller.interrupt();
        caller.join();
        mount.countDown();
        Await.until("the late child was killed and reaped", () -> {
            return born.size() == 1 && ProcessHandle.of(born.getFirst()).isEmpty();
        });
        Await.until("its pipes are closed", () ->
                descriptors(Long.toString(ProcessHandle.current().pid())).size() <= before);
    }
}
