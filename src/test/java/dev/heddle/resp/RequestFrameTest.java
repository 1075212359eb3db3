package dev.heddle.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFrameTest {
    private final RequestFrame frame = new RequestFrame("STDIN", 100_000);
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 99_999, 100_000})
    void isTheRequestThatAWriterWrites(int length) throws IOException {
        byte[] payload = "p".repeat(length).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        RespWriter writer = new RespWriter(expected);
        writer.writeRequest(List.of("STDIN".getBytes(StandardCharsets.US_ASCII), payload));
        writer.flush();

        assertThat(frame.fill(new ByteArrayInputStream(payload), Integer.MAX_VALUE)).isTrue();
        frame.writeTo(sent);
        assertThat(sent.toByteArray()).isEqualTo(expected.toByteArray());
        sent.reset();
        frame.fill(payload, 0, length);
        frame.writeTo(sent);
        assertThat(sent.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void takesNoMoreThanItIsTold(int max) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(new byte[10]);
        assertThat(frame.fill(in, max)).isTrue();
        assertThat(frame.length()).isEqualTo(max);
        in.skip(10);
        assertThat(frame.fill(in, max)).as("at the end").isFalse();
        assertThat(frame.length()).isZero();
    }
}
