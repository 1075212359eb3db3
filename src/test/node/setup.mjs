// What the checks of clients.test.mjs need: the client packages, a server, and a proxy that loses replies.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HEDDLE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../target/heddle');
const DEADLINE_MS = 30_000;

// The current majors want Node 20; those before them are widely used, and speak RESP2 where these speak RESP3.
const CURRENT = { redis6: 'redis@6.3.1', ioredis6: 'ioredis@6.0.0' };
const PREVIOUS = { redis5: 'redis@5.12.1', ioredis5: 'ioredis@5.11.1' };
export const hasCurrent = Number(process.versions.node.split('.')[0]) >= 20;

/** A folder that is removed when the process ends. */
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heddle-node-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => process.exit(1)); // through the handlers of `exit`
}

/** Installs the packages outside the checkout, and returns what loads them by the names above. */
export function install() {
    const packages = Object.entries({ ...(hasCurrent ? CURRENT : {}), ...PREVIOUS })
        .map(([name, version]) => `${name}@npm:${version}`);
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
    const npm = spawnSync('npm', ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund',
        ...packages], { cwd: folder, encoding: 'utf8', timeout: 300_000 });
    if (npm.status !== 0) {
        throw new Error(`npm install: ${npm.error ?? npm.stderr}`);
    }
    return createRequire(path.join(folder, 'package.json'));
}

export async function until(what, condition) {
    const deadline = Date.now() + DEADLINE_MS;
    while (!condition()) {
        if (Date.now() > deadline) {
            throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}

/** The built server, on a port of the system's choice. */
export async function serve() {
    const addresses = path.join(folder, 'addresses');
    const server = spawn(HEDDLE, ['serve', '--no-auth', '--listen', 'resp://127.0.0.1:0',
        '--print-addresses', addresses], { stdio: ['ignore', 'ignore', 'inherit'] });
    const exit = once(server, 'exit');
    exit.catch(() => {}); // no such program: the next line says so
    process.on('exit', () => server.kill('SIGKILL'));
    await until('the server is up', () => {
        if (server.pid === undefined || server.exitCode !== null) {
            throw new Error(`${HEDDLE} does not run: build it with mvn package`);
        }
        return fs.existsSync(addresses);
    });
    return {
        port: Number(fs.readFileSync(addresses, 'utf8').trim().split(':').pop()),
        stop: async () => {
            server.kill('SIGTERM');
            await exit;
        },
    };
}

/** A shell script that leaves a line in a file for each run, prints its process id, and ends when it is let go. */
export function countedScript() {
    const directory = fs.mkdtempSync(path.join(folder, 'script-'));
    const [runs, go] = ['runs', 'go'].map((name) => path.join(directory, name));
    return {
        text: `echo run >> ${runs}; until [ -e ${go} ]; do sleep 0.02; done; echo $$`,
        runs: () => (fs.existsSync(runs) ? fs.readFileSync(runs, 'utf8').split('\n').length - 1 : 0),
        letGo: () => fs.writeFileSync(go, ''),
    };
}

/**
 * Passes connections on, and ends one of them at the worst moment: the first request with the marker reaches the
 * server, and its reply does not reach the client. That happens when `received` holds, or when the reply is there.
 */
export async function droppingProxy(port, marker, ending, received) {
    const proxy = { marked: 0, dropped: false };
    const sockets = new Set();
    const listener = net.createServer((client) => {
        const server = net.connect(port, '127.0.0.1');
        let unmarked = '';
        let muted = false;
        const drop = () => {
            if (ending === 'reset') {
                client.resetAndDestroy();
            } else {
                client.end();
            }
            server.resetAndDestroy();
            proxy.dropped = true;
        };
        client.on('data', (bytes) => {
            unmarked += bytes.toString('latin1');
            if (unmarked.includes(marker)) {
                unmarked = '';
                muted = proxy.marked++ === 0;
            }
            server.write(bytes);
            if (muted && received) {
                until('the server has received the request', received).finally(drop);
            }
        });
        server.on('data', (bytes) => {
            if (!muted) {
                client.write(bytes);
            } else if (!received) {
                drop();
            }
        });
        for (const [socket, other] of [[client, server], [server, client]]) {
            sockets.add(socket);
            socket.on('error', () => {}); // one of the two has left, which `close` tells too
            socket.on('end', () => other.end());
            socket.on('close', () => sockets.delete(socket));
        }
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    proxy.port = listener.address().port;
    proxy.close = () => {
        listener.close();
        sockets.forEach((socket) => socket.destroy());
    };
    return proxy;
}
