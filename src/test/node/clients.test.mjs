// node-redis and ioredis against target/heddle: `node src/test/node/clients.test.mjs`, after `mvn package`.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { countedScript, droppingProxy, hasCurrent, install, serve, until } from './setup.mjs';

const require = install();
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

// Each connects with its defaults and the given options, and answers in buffers:
// { call(words), subscribe(channel, onMessage), unsubscribe(channel), close(), errors }.

async function nodeRedis(name, port, options) {
    const { createClient, RESP_TYPES } = require(name);
    const errors = [];
    const connect = async (client) => client.on('error', (error) => errors.push(error)).connect();
    const client = await connect(createClient({ url: `redis://127.0.0.1:${port}`, ...options }));
    const listener = await connect(client.duplicate());
    return {
        errors,
        call: (words) => client.sendCommand(words, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }),
        subscribe: (channel, onMessage) => listener.subscribe(channel, onMessage, true),
        unsubscribe: async (channel) => {
            await listener.unsubscribe(channel);
            assert.equal(String(await listener.ping()), 'PONG');
        },
        close: () => [client, listener].forEach((each) => each.destroy()),
    };
}

async function ioRedis(name, port, options) {
    const { Redis } = require(name);
    const errors = [];
    const connect = async () => {
        const client = new Redis(port, '127.0.0.1', options).on('error', (error) => errors.push(error));
        await client.ping();
        return client;
    };
    const client = await connect();
    const listener = await connect();
    return {
        errors,
        call: ([command, ...words]) => client.callBuffer(command, ...words),
        subscribe: (channel, onMessage) => {
            listener.on('messageBuffer', (from, message) => onMessage(message));
            return listener.subscribe(channel);
        },
        unsubscribe: async (channel) => {
            await listener.unsubscribe(channel);
            assert.equal(String(await listener.ping()), 'PONG');
        },
        close: () => [client, listener].forEach((each) => each.disconnect()),
    };
}

const CLIENTS = [
    ['node-redis 5, RESP2 by default', (port) => nodeRedis('redis5', port, {}), false],
    ['node-redis 5, RESP3', (port) => nodeRedis('redis5', port, { RESP: 3 }), false],
    ['ioredis 5, RESP2 by default', (port) => ioRedis('ioredis5', port, {}), true],
    ...(hasCurrent ? [
        ['node-redis 6, RESP3 by default', (port) => nodeRedis('redis6', port, {}), false],
        ['node-redis 6, RESP2', (port) => nodeRedis('redis6', port, { RESP: 2 }), false],
        ['ioredis 6, RESP3 by default', (port) => ioRedis('ioredis6', port, {}), true],
        ['ioredis 6, RESP2', (port) => ioRedis('ioredis6', port, { protocol: 2 }), true],
    ] : []),
];

let server;
before(async () => {
    server = await serve();
});
after(() => server?.stop());

for (const [name, connect, resends] of CLIENTS) {
    describe(name, { timeout: 120_000 }, () => {
        /** Runs the check with a client of its own, which must not have complained. */
        const withClient = async (check) => {
            const client = await connect(server.port);
            try {
                await check(client);
                assert.deepEqual(client.errors, []);
            } finally {
                client.close();
            }
        };

        test('connects', () => withClient(async ({ call }) => {
            assert.equal(String(await call(['PING'])), 'PONG');
            assert.match(String(await call(['INFO', 'replication'])), /role:master/);
        }));

        test('runs programs and scripts', () => withClient(async ({ call }) => {
            const [state, code, stdout, stderr, usage] = await call(['RUN', 'printf', '%s', 'a b']);
            assert.deepEqual([state, stdout, stderr].map(String), ['exited', 'a b', '']);
            assert.equal(code, 0);
            assert.equal(usage.length, 7);
            const script = await call(['SH', 'echo $1 >&2; exit 3', 'x']);
            assert.equal(script[1], 3);
            assert.equal(String(script[3]), 'x\n');
        }));

        test('gets errors', () => withClient(async ({ call }) => {
            await assert.rejects(call(['RUN', 'no-such-program']), /^\w*Error: NOTFOUND program/);
            assert.equal(String(await call(['PING'])), 'PONG');
        }));

        test('sends and gets every byte', () => withClient(async ({ call }) => {
            const reply = await call(['RUN', 'STDIN', EVERY_BYTE, '--', 'cat']);
            assert.deepEqual(reply[2], EVERY_BYTE);
        }));

        test('reads a job to its end', () => withClient(async ({ call }) => {
            const id = String(await call(['JOB', 'START', '--', 'sh', '-c',
                'for i in 1 2 3; do echo $i; sleep 0.1; done; echo err >&2; exit 3']));
            const output = { 1: '', 2: '' };
            let [cursor, state, code, chunks] = ['0', 'running'];
            while (state === 'running') {
                [cursor, state, code, chunks] = await call(['JOB', 'READ', id, String(cursor), 'BLOCK', '1000']);
                state = String(state);
                for (const [stream, , bytes] of chunks) {
                    output[stream] += bytes;
                }
            }
            assert.deepEqual([state, code, output], ['exited', 3, { 1: '1\n2\n3\n', 2: 'err\n' }]);
        }));

        test('listens to a job', () => withClient(async ({ call, subscribe, unsubscribe }) => {
            const channel = `job:${await call(['JOB', 'START', '--', 'printf', 'a\\0\\377'])}`;
            const messages = [];
            await subscribe(channel, (message) => messages.push(message));
            await until('the job has ended', () => messages.length >= 2);
            assert.deepEqual(messages, [Buffer.from('out 0\na\0\xff', 'latin1'), Buffer.from('end exited 0')]);
            await unsubscribe(channel);
            await assert.rejects(subscribe('job:none', () => {}), /NOJOB/);
        }));

        /** The reply that the client has in the end, though the connection was lost behind its first request. */
        const resent = async (words, script, ending, received) => {
            const proxy = await droppingProxy(server.port, words[words.indexOf('ID') + 1], ending, received);
            const client = await connect(proxy.port);
            try {
                const first = client.call(words);
                if (!resends) {
                    await assert.rejects(first);
                }
                await until('the connection is dropped', () => proxy.dropped);
                script.letGo();
                const reply = await (resends ? first : client.call(words));
                assert.equal(proxy.marked, 2, 'requests');
                return reply;
            } finally {
                client.close();
                proxy.close();
            }
        };

        /** The reply is that of the one run: whoever asks again gets the same, its usage included. */
        const assertRanOnce = (reply, words, script) => withClient(async ({ call }) => {
            assert.deepEqual(await call(words), reply);
            assert.equal(script.runs(), 1);
        });

        const who = resends ? 'by itself' : 'by its user';
        for (const ending of ['close', 'reset']) {
            const id = (kind) => `${name}/${kind}/${ending}`;

            test(`resends RUN ${who} while it runs (${ending})`, async () => {
                const script = countedScript();
                const words = ['RUN', 'ID', id('run'), '--', 'sh', '-c', script.text];
                const reply = await resent(words, script, ending, () => script.runs() === 1);
                assert.match(String(reply[2]), /^\d+\n$/);
                await assertRanOnce(reply, words, script);
            });

            test(`resends SH ${who} when the reply is lost (${ending})`, async () => {
                const script = countedScript();
                script.letGo();
                const words = ['SH', 'ID', id('sh'), '--', script.text];
                const reply = await resent(words, script, ending);
                assert.match(String(reply[2]), /^\d+\n$/);
                await assertRanOnce(reply, words, script);
            });

            test(`resends JOB START ${who} when the reply is lost (${ending})`, async () => {
                const script = countedScript();
                script.letGo();
                const words = ['JOB', 'START', 'ID', id('job'), '--', 'sh', '-c', script.text];
                const job = await resent(words, script, ending);
                await withClient(async ({ call }) => {
                    assert.equal((await call(['JOB', 'WAIT', String(job)]))[1], 0);
                });
                await assertRanOnce(job, words, script);
            });
        }
    });
}
