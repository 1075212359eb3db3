/**
 * RESP2 and RESP3 on blocking streams: values, a writer, and a reader for each side. The package knows nothing of
 * commands or sockets.
 *
 * @see <a href="https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md">RESP3</a>
 * @see <a href="https://valkey.io/topics/protocol/">RESP2, RESP3 and inline commands at Valkey</a>
 */
package dev.heddle.resp;
