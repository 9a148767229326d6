// Owns the proof of what `npm start` promises as a process: it listens soon, keeps what it must over a restart, says what
// is wrong, and stops everything it started.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isCrowded } from '../support/crowded.ts';
import { startSluice } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-standalone-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Ends by itself; resolves with exit code and output. */
function startToFail(env: Readonly<Record<string, string>>): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['deploy/start.mjs', '--config', join(folder, 'sluice.toml')],
      { cwd: root, env: { ...process.env, ...env }, timeout: 20_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

it('listens within 3 s of a warm start, prints the page last, and Ctrl-C stops everything within 2 s', async () => {
  const toml = [
    `data_dir = "${folder}/data"`,
    '[http]\nhost = "127.0.0.1"\nport = 0',
    '[https]\nhost = "127.0.0.1"\nport = 0',
    '[webrtc]\nhost = "127.0.0.1"\nudp_port = 0',
  ];
  await writeFile(join(folder, 'sluice.toml'), toml.join('\n'));
  for (let turn = 1; ; turn++) {
    const { startMs, stopMs } = await startAndStop(turn === 1);
    if ((startMs >= 3_000 || stopMs >= 2_000) && isCrowded() && turn < 4) continue;
    expect(startMs).toBeLessThan(3_000);
    expect(stopMs).toBeLessThan(2_000);
    break;
  }
});

async function startAndStop(first: boolean): Promise<{ startMs: number; stopMs: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['deploy/start.mjs', '--config', join(folder, 'sluice.toml')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const found = /Open (http:\S+)\n$/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    void exited.then((code) => {
      reject(new Error(`ended with ${String(code)}\n${output}`));
    });
  });
  const startMs = performance.now() - began;
  expect(await (await fetch(url)).text()).toContain('<html');
  for (const name of ['super', 'sample']) {
    const printed = new RegExp(`${name} service +id [0-9a-f]{24} +key \\S+`).test(output);
    expect(printed).toBe(first);
  }
  const children = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .map(Number);
  expect(children.length).toBeGreaterThan(0);

  const stoppedAt = performance.now();
  child.kill('SIGINT');
  expect(await exited).toBe(0);
  const stopMs = performance.now() - stoppedAt;
  expect(children.filter(isAlive)).toEqual([]);
  await expect(fetch(url)).rejects.toThrow();
  return { startMs, stopMs };
}

it('keeps services and their keys over a restart and prints keys once', async () => {
  const dataDir = join(folder, 'data');
  const first = await startSluice({ dataDir });
  const firstOutput = first.output();
  await first.stop();
  const second = await startSluice({ dataDir });
  const secondOutput = second.output();
  await second.stop();
  expect(second.sample).toEqual(first.sample);
  expect(second.super).toEqual(first.super);
  expect(firstOutput).toContain(first.super.key);
  expect(secondOutput).not.toContain(first.super.key);
  expect((await stat(join(dataDir, 'directory.json'))).mode & 0o077).toBe(0);
});

it('cluster#25 makes no second sample room at a restart', async () => {
  const dataDir = join(folder, 'data');
  const names: unknown[] = [];
  for (let start = 0; start < 2; start++) {
    const server = await startSluice({ dataDir });
    names.push(await (await fetch(`${server.url}/rooms`)).json());
    await server.stop();
  }
  expect(names[1]).toEqual(names[0]);
  expect(names[1]).toHaveLength(1);
});

it('serves HTTPS beside HTTP and reports health', async () => {
  const server = await startSluice({ https: true });
  try {
    expect(server.httpsUrl).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      get(`${server.httpsUrl}/`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(200);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const missing = await fetch(`${server.url}/nowhere`);
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { error: { code: 1001, message: 'Resource not found' } },
    ]);
  } finally {
    expect(await server.stop()).toBe(0);
  }
});

it('says which port is taken and what to do', async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await writeFile(join(folder, 'sluice.toml'), `data_dir = "${folder}/data"\n[webrtc]\nudp_port = 0\n`);
  const { code, output } = await startToFail({
    SLUICE_HOST: '127.0.0.1',
    SLUICE_PORT: String(port),
    SLUICE_HTTPS: 'off',
  });
  taken.close();
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`port ${port} is taken[^]*SLUICE_PORT=`));
});

it('names the key that is wrong in the configuration', async () => {
  await writeFile(join(folder, 'sluice.toml'), '[http]\nprot = 1\n');
  const { code, output } = await startToFail({});
  expect(code).toBe(1);
  expect(output).toContain('http.prot: there is no such key');
});
