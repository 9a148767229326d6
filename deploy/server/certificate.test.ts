// Owns the proof that the self-signed certificate is usable, private and kept.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, get } from 'node:https';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { certificate } from './certificate.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cert-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('makes a certificate for this machine that a TLS client accepts once it trusts it', async () => {
  const { cert, key } = await certificate(join(folder, 'data'), undefined);
  const server = createServer({ cert, key }, (_request, response) => response.end('hello'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const status = await new Promise((resolve, reject) => {
    get(`https://127.0.0.1:${port}/`, { ca: cert }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  server.close();
  expect(status).toBe(200);
  expect(new X509Certificate(cert).checkHost('localhost')).toBe('localhost');
});

it('keeps the key to its owner and keeps the certificate', async () => {
  const first = await certificate(folder, undefined);
  expect((await stat(join(folder, 'https.key'))).mode & 0o777).toBe(0o600);
  expect(await certificate(folder, undefined)).toEqual(first);
});

it('makes a new one when the kept one is broken', async () => {
  await certificate(folder, undefined);
  await writeFile(join(folder, 'https.crt'), 'no certificate');
  expect((await certificate(folder, undefined)).cert).toContain('BEGIN CERTIFICATE');
  expect(await readFile(join(folder, 'https.crt'), 'utf8')).toContain('BEGIN CERTIFICATE');
});

it('uses the given files and refuses missing ones', async () => {
  const own = await certificate(folder, undefined);
  const given = { cert: join(folder, 'https.crt'), key: join(folder, 'https.key') };
  expect(await certificate('/nowhere', given)).toEqual({ ...own, selfSigned: false });
  await expect(certificate(folder, { ...given, key: '/nowhere.pem' })).rejects.toThrow(/nowhere/);
});
