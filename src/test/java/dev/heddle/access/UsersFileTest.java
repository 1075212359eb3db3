package dev.heddle.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.net.PeerIdentity;
import dev.heddle.testing.OwnFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

import javax.security.auth.x500.X500Principal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a users file means; and that one which is not understood entirely is refused, with the place. */
class UsersFileTest {
    private static final String HASH = TokenHash.of("secret").toString();
    private static final String GOOD = """
            # who may do what
            ada:
              sha256: %s
            ci:
              sha256: %s
              certificate: CN=ci,O=Example
              local: builder
              policy:
                programs:
                  - /usr/bin/uptime
                  - [/usr/bin/git, pull, "--ff-only", ""]
                sh: true
                directories: [/srv/ci, /tmp]
                environment: [BRANCH, LANG]
                maxTimeout: 10m
                maxConcurrent: 4
            nothing:
              certificate: 'CN=nothing'
              policy: {}
            """.formatted(HASH, HASH.toUpperCase(Locale.ROOT));

    @TempDir
    private Path directory;

    private Users read(String text) throws IOException {
        return new UsersFile(OwnFile.write(directory.resolve("users.yaml"), text)).read();
    }

    @Test
    void everyKeyIsUnderstood() throws IOException {
        Users users = read(GOOD);
        assertThat(users.find("ada").orElseThrow().policy()).isEmpty();
        User ci = users.find("ci").orElseThrow();
        assertThat(ci.token()).contains(TokenHash.of("secret"));
        assertThat(ci.policy()).contains(new Policy(
                List.of(new Policy.Program(Path.of("/usr/bin/uptime"), Optional.empty()),
                        new Policy.Program(Path.of("/usr/bin/git"), Optional.of(List.of("pull", "--ff-only", "")))),
                true, List.of(Path.of("/srv/ci"), Path.of("/tmp")), Set.of("BRANCH", "LANG"),
                Optional.of(Duration.ofMinutes(10)), OptionalInt.of(4)));
        assertThat(users.find("nothing").flatMap(User::policy)).contains(new Policy(List.of(), false, List.of(),
                Set.of(), Optional.empty(), OptionalInt.empty()));
        assertThat(users.find("CI")).isEmpty();
    }

    @Test
    void clientsAreWhoTheirTokenOrTheirTransportSays() throws IOException {
        Users users = read(GOOD);
        assertThat(users.byToken("ada", bytes("secret")).map(User::name)).contains("ada");
        assertThat(users.byToken("ada", bytes("secret "))).isEmpty();
        assertThat(users.byToken("nothing", bytes(""))).as("has no token").isEmpty();
        assertThat(users.byToken("nobody", bytes("secret"))).isEmpty();
        assertThat(users.byIdentity(new PeerIdentity.Unproven())).isEmpty();
        assertThat(identity(users, "CN=ci,O=Example")).contains("ci");
        for (String other : List.of("CN=CI,O=Example", "CN=ci,O=example", "CN=ci, O=Example", "cn=ci,O=Example",
                "CN=c\uff49,O=Example", "CN=ci\\ ,O=Example", "CN=\\ ci,O=Example", "CN=ci,O=Exam\u00adple",
                "CN=ci,O=Example\n", new X500Principal("CN=ci\\00,O=Example").getName(X500Principal.RFC2253))) {
            assertThat(identity(users, other)).as("loosely the same: %s", other).isEmpty();
        }
        assertThat(identity(read("a:\n  certificate: 'cn = ci , o = A\\,B'\n"), "CN=ci,O=A\\,B"))
                .as("blanks and types in the file are not part of the values").contains("a");
        assertThat(identity(users, "CN=ci")).isEmpty();
        assertThat(identity(users, "O=Example,CN=ci")).isEmpty();
        assertThat(identity(users, "CN=ci,O=Example,CN=nothing")).isEmpty();
        assertThat(identity(users, "no name at all")).isEmpty();
        assertThat(users.byIdentity(new PeerIdentity.LocalUser("builder")).map(User::name)).contains("ci");
        assertThat(users.byIdentity(new PeerIdentity.LocalUser("root"))).isEmpty();
        Users single = Users.single(TokenHash.of("secret"), "me");
        assertThat(single.byIdentity(new PeerIdentity.LocalUser("me")).map(User::name)).contains("default");
        assertThat(single.byIdentity(new PeerIdentity.LocalUser("you"))).isEmpty();
    }

    private static Optional<String> identity(Users users, String subject) {
        return users.byIdentity(new PeerIdentity.Certificate(subject)).map(User::name);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private record Bad(String text, String complaint) {}

    static List<Bad> bad() {
        String ci = "ci:\n  sha256: " + HASH + "\n";
        String policy = ci + "  policy:\n";
        return List.of(
                new Bad("", "names no user"),
                new Bad("# nobody\n", "names no user"),
                new Bad("{}", "names no user"),
                new Bad("- ci\n", "line 1: 'key: value' pairs belong here"),
                new Bad("ci: " + HASH, "line 1: 'key: value' pairs belong here"),
                new Bad("ci: {}", "could never log in"),
                new Bad("ci:\n  policy: {}", "could never log in"),
                new Bad(ci + "  polizy: {}\n",
                        "line 3: unknown key 'polizy'; known: certificate, local, policy, sha256"),
                new Bad(policy + "    program: [/bin/ls]\n", "line 4: unknown key 'program'; known: directories"),
                new Bad(ci + "ci:\n  sha256: " + HASH, "line 3: 'ci' is there twice"),
                new Bad(ci + "  sha256: " + HASH, "line 3: 'sha256' is there twice"),
                new Bad("ci:\n  sha256: secret", "line 2: not the 64 hexadecimal digits"),
                new Bad("ci:\n  sha256: " + HASH + "0", "line 2: not the 64 hexadecimal digits"),
                new Bad("ci:\n  sha256:\n", "line 2: sha256 is one word"),
                new Bad("ci:\n  sha256: [" + HASH + "]", "line 2: sha256 is one word"),
                new Bad("ci:\n  certificate: ci\n", "line 2: "),
                new Bad("'c i':\n  sha256: " + HASH, "line 1: 'c i' is no name of a user"),
                new Bad("\"c\\nuser=root\":\n  sha256: " + HASH, "is no name of a user"),
                new Bad("a:\n  local: x\nb:\n  local: x\n", "users 'a' and 'b' have the same local"),
                new Bad("a:\n  certificate: CN=x\nb:\n  certificate: cn=x\n", "have the same certificate"),
                new Bad("ci:\n  certificate: 'CN=ci\\00'\n", "line 2: a certificate's subject has no control"),
                new Bad("ci:\n  certificate: \"CN=c\\ni\"\n", "line 2: a certificate's subject has no control"),
                new Bad(policy + "    sh: yes\n", "line 4: true or false, not 'yes'"),
                new Bad(policy + "    programs: /bin/ls\n", "line 4: programs is a list"),
                new Bad(policy + "    programs: [ls]\n", "line 4: 'ls' is no absolute path"),
                new Bad(policy + "    programs: [/]\n", "line 4: '/' is no program"),
                new Bad(policy + "    programs: [[]]\n", "line 4: a program is missing"),
                new Bad(policy + "    programs: [[/bin/ls, [a]]]\n", "line 4: an argument is one word"),
                new Bad(policy + "    programs: [\"/bin/l\\0s\"]\n", "line 4: "),
                new Bad(policy + "    directories: [srv]\n", "'srv' is no absolute path"),
                new Bad(policy + "    environment: [LD_PRELOAD]\n", "LD_PRELOAD makes programs run other code"),
                new Bad(policy + "    environment: [A, BASH_ENV]\n", "BASH_ENV makes programs run other code"),
                new Bad(policy + "    environment: [PATH]\n", "PATH makes programs run other code"),
                new Bad(policy + "    environment: [PYTHONPATH]\n", "PYTHONPATH makes programs run other code"),
                new Bad(policy + "    environment: ['BASH_FUNC_ls%%']\n", "is no name of a variable"),
                new Bad(policy + "    environment: ['A=B']\n", "'A=B' is no name of a variable"),
                new Bad(policy + "    environment: ['*']\n", "'*' is no name of a variable"),
                new Bad(policy + "    maxTimeout: 10\n", "line 4: a duration like 500ms"),
                new Bad(policy + "    maxTimeout: 0s\n", "maxTimeout is more than 0"),
                new Bad(policy + "    maxConcurrent: -1\n", "line 4: a whole number, not '-1'"),
                new Bad(policy + "    maxConcurrent: 0\n", "maxConcurrent is at least 1"),
                new Bad(ci + "\tx: 1\n", "line 3: "),
                new Bad(ci + "---\n" + ci, "line 3: "),
                new Bad("ci: {sha256: " + HASH, "line "),
                new Bad("? [a]\n: {sha256: " + HASH + "}", "line 1: a key is one word"),
                new Bad("a: &a\n  sha256: " + HASH + "\nb:\n  <<: *a\n", "line 4: unknown key '<<'"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void whatIsNotUnderstoodIsRefusedWithItsPlace(Bad bad) {
        assertThatThrownBy(() -> read(bad.text())).isInstanceOf(IOException.class)
                .hasMessageStartingWith(directory.resolve("users.yaml").toString())
                .hasMessageContaining(bad.complaint());
    }

    @Test
    void aFileThatOthersCanChangeIsRefusedWithTheCure() throws IOException {
        read(GOOD);
        Path file = directory.resolve("users.yaml");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(new UsersFile(file).read().size()).as("hashes are no secret").isEqualTo(3);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertThatThrownBy(() -> new UsersFile(file).read()).isInstanceOf(UnsafeFileException.class)
                .hasMessageEndingWith("chmod go-w " + file);
        assertThatThrownBy(() -> new UsersFile(directory.resolve("none")).read())
                .hasMessage(directory.resolve("none") + " cannot be read: no such file or directory");
        assertThatThrownBy(() -> new UsersFile(directory).read())
                .hasMessage(directory + " cannot be read: it is not a regular file");
        Files.write(file, new byte[] {(byte) 0xff});
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> new UsersFile(file).read()).hasMessageEndingWith("is no text in UTF-8");
    }
}
