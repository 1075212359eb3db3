package dev.heddle.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.process.jdk.JdkProcessEngine;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.server.ServerConfig.Limits;
import dev.heddle.server.ServerConfig.Security;
import dev.heddle.testing.RawClient;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

/** A client has one number everywhere, whatever face it uses. */
class ClientNumberTest {
    @Test
    void facesShareTheNumbersAndThreadsShowThem() throws Exception {
        try (HeddleServer server = HeddleServer.start(new ServerConfig(
                List.of(ListenAddress.parse("resp://127.0.0.1:0"), ListenAddress.parse("upper://127.0.0.1:0")),
                ThreadMode.PLATFORM, new JdkProcessEngine(), new Security(Optional.empty(), false, false),
                Limits.defaults()));
                RawClient upper = new RawClient(server.addresses().get(1).port())) {
            upper.send("a");
            assertThat(upper.socket().getInputStream().read()).isEqualTo('A'); // it has number 1
            try (RawClient resp = new RawClient(server.addresses().get(0).port())) {
                assertThat(resp.call("CLIENT", "ID")).isEqualTo(new IntegerReply(2));
                assertThat(((BulkString) resp.call("CLIENT", "LIST")).text()).startsWith("id=2 ").hasLineCount(1);
                assertThat(resp.run("RUN", "true").code()).isZero();
                Set<String> threads = Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                        .collect(Collectors.toSet());
                assertThat(threads).contains("client-1", "client-2", "client-2-worker");
            }
        }
    }
}
