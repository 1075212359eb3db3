package dev.heddle.cli.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

import org.junit.jupiter.api.Test;

class ListenerOwnerTest {
    private static final List<String> TABLE = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1CD3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1
               1: 0100007F:1CD3 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12 1
               2: 0100007F:1CD4 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65534        0 13 1
               3: 00000000000000000000000001000000:1CD5 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 14 1
               4: 0100007F:1CD5 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 15 1
               5: 0100007F:1CD6 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 16 1
            """.lines().toList();

    @Test
    void aPortIsTheUsersWhenAllItsListenersAre() {
        assertThat(ListenerOwner.isUser(TABLE, 7379, 1000)).isTrue();
        assertThat(ListenerOwner.isUser(TABLE, 7379, 1001)).isFalse();
        assertThat(ListenerOwner.isUser(TABLE, 7380, 1000)).isFalse();
        assertThat(ListenerOwner.isUser(TABLE, 7381, 1000)).as("two users, for IPv4 and IPv6").isFalse();
        assertThat(ListenerOwner.isUser(TABLE, 7382, 1000)).as("no listener").isFalse();
        assertThat(ListenerOwner.isUser(TABLE, 1, 1000)).isFalse();
    }

    @Test
    void theKernelKnowsWhoseAListenerIs() throws Exception {
        try (ServerSocket own = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(ListenerOwner.isThisUser(own.getLocalPort())).isTrue();
        }
    }
}
