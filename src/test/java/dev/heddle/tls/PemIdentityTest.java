package dev.heddle.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.testing.TestAuthority;
import dev.heddle.testing.TestAuthority.Issued;
import dev.heddle.tls.PemIdentity.Named;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files that operators have, as openssl writes them. */
class PemIdentityTest {
    @TempDir
    private static Path directory;

    private static TestAuthority authority;
    private static Issued rsa;

    @BeforeAll
    static void issue() throws Exception {
        authority = new TestAuthority(directory);
        rsa = authority.issueForLoopback("rsa");
    }

    private static PemIdentity identity(Path certificate, Path key) {
        return TestAuthority.identity(new Issued(certificate, key), Optional.empty());
    }

    /** Each algorithm, in each form that its tools have written keys in. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048     | BEGIN PRIVATE KEY
            genrsa -traditional 2048                                 | BEGIN RSA PRIVATE KEY
            genrsa -traditional 4096                                 | BEGIN RSA PRIVATE KEY
            ecparam -name prime256v1 -genkey                         | BEGIN EC PARAMETERS
            ecparam -name secp521r1 -genkey -noout                   | BEGIN EC PRIVATE KEY
            genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384   | BEGIN PRIVATE KEY
            genpkey -algorithm ED25519                               | BEGIN PRIVATE KEY
            genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 | BEGIN PRIVATE KEY
            genpkey -algorithm RSA-PSS -pkeyopt rsa_pss_keygen_md:sha384 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 \
            -pkeyopt rsa_pss_keygen_saltlen:48                       | BEGIN PRIVATE KEY
            """)
    void readsKeysInAllForms(String command, String beginning) throws Exception {
        Path key = directory.resolve("a.key");
        authority.openssl((command.startsWith("genrsa") ? command.replace(" 2048", " -out a.key 2048")
                .replace(" 4096", " -out a.key 4096") : command + " -out a.key").split(" "));
        authority.openssl("req", "-x509", "-new", "-key", "a.key", "-out", "a.pem", "-subj", "/CN=a", "-days", "3");
        assertThat(key).content().contains(beginning);
        assertThat(identity(directory.resolve("a.pem"), key).read()).isNotNull();
        assertThatThrownBy(() -> identity(rsa.certificate(), key).read()).isInstanceOf(IOException.class)
                .hasMessageContaining("not the key of the certificate in");
    }

    @Test
    void certificateAndKeyMayBeInOneFile() throws Exception {
        Path both = directory.resolve("both.pem");
        Files.writeString(both, "Bag Attributes\n" + Files.readString(rsa.key()) + "subject=/CN=x\n"
                + Files.readString(rsa.certificate()) + Files.readString(authority.certificate()));
        assertThat(identity(both, both).read()).isNotNull();
    }

    @Test
    void badFilesAreNamed() throws Exception {
        Path bad = directory.resolve("bad.pem");
        Files.writeString(bad, Files.readString(rsa.key()).replaceFirst("M", "#").replaceFirst("(?s)\n.{200}", "\n"));
        assertThatThrownBy(() -> identity(rsa.certificate(), bad).read()).isInstanceOf(IOException.class)
                .hasMessageStartingWith("--tls-key " + bad + ": ");
        assertThatThrownBy(() -> identity(bad, rsa.key()).read())
                .hasMessage("--tls-cert " + bad + ": no CERTIFICATE in this file");
        assertThatThrownBy(() -> identity(directory, rsa.key()).read())
                .hasMessageStartingWith("--tls-cert " + directory + ": ");
        Files.writeString(bad, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> identity(bad, rsa.key()).read()).isInstanceOf(IOException.class)
                .hasMessageStartingWith("--tls-cert " + bad + ": ");
        assertThatThrownBy(() -> new PemIdentity(Optional.empty(), Optional.empty(),
                Optional.of(new Named("--cacert", rsa.key()))).read())
                .hasMessage("--cacert " + rsa.key() + ": no CERTIFICATE in this file");
        for (String form : new String[] {"-aes128", "-aes128 -traditional"}) {
            authority.openssl(("rsa -in rsa.key " + form + " -passout pass:secret -out bad.pem").split(" "));
            assertThatThrownBy(() -> identity(rsa.certificate(), bad).read())
                    .hasMessageStartingWith("--tls-key " + bad + ": the key is encrypted");
        }
    }

    @Test
    void aDamagedKeyIsNotBelieved() throws Exception {
        for (String length : new String[] {"hH////8=", "hH//8AAA", "gf8A", "hP////8="}) { // up to 2 GiB, and below 0
            String der = "MACg" + length; // a sequence, and in it the parameters of the curve, so long
            Path bad = Files.writeString(directory.resolve("damaged.key"),
                    "-----BEGIN EC PRIVATE KEY-----\n" + der + "\n-----END EC PRIVATE KEY-----\n");
            assertThatThrownBy(() -> identity(rsa.certificate(), bad).read()).isInstanceOf(IOException.class)
                    .hasMessage("--tls-key " + bad + ": the key is damaged");
        }
    }

    @Test
    void aKeyThatOthersReadIsNoticed() throws Exception {
        PemIdentity identity = identity(rsa.certificate(), rsa.key());
        Files.setPosixFilePermissions(rsa.key(), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(identity.load().keyIsExposed()).isFalse();
        Files.setPosixFilePermissions(rsa.key(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(identity.load().keyIsExposed()).isTrue();
    }
}
