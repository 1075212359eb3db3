/**
 * The server as a whole: its configuration, the wiring of its faces, its stop. An application may hold one, with
 * {@code --enable-preview} and {@code --enable-native-access=ALL-UNNAMED} on its JVM's command line:
 *
 * {@snippet :
 * ServerConfig config = new ServerConfig(List.of(ListenAddress.parse("resp://127.0.0.1:0")),
 *         ThreadMode.VIRTUAL, LinuxProcessEngine.open(),
 *         new Security(Optional.of(password), false, false), Limits.defaults());
 * try (HeddleServer server = HeddleServer.start(config)) {
 *     int port = server.addresses().getFirst().port();
 *     try (HeddleClient client = HeddleClient.connect("127.0.0.1", port, Duration.ofSeconds(5))) {
 *         client.authenticate(password);
 *         RunResult result = client.run(RunRequest.program(List.of("echo", "hello")));
 *         return new String(result.stdout(), UTF_8);
 *     }
 * } // stops, and ends what still runs
 * }
 */
package dev.heddle.server;
