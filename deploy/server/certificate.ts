// Owns the certificate of the HTTPS listener: the configured one, else one signed by itself and kept in the data folder.
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, private. */
  readonly key: string;
  readonly selfSigned: boolean;
}

const days = 24 * 60 * 60 * 1000;

/**
 * Reads `given`, or reads or makes `https.{crt,key}` in `folder` (the key for its owner alone). One made here is made
 * anew a week before it expires, and when this machine got another name. Rejects when a given file cannot be read.
 */
export async function certificate(
  folder: string,
  given: { readonly cert: string; readonly key: string } | undefined,
): Promise<Certificate> {
  if (given) {
    const [cert, key] = await Promise.all([readFile(given.cert, 'utf8'), readFile(given.key, 'utf8')]);
    return { cert, key, selfSigned: false };
  }
  const certFile = join(folder, 'https.crt');
  const keyFile = join(folder, 'https.key');
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    if (isUsable(cert)) return { cert, key, selfSigned: true };
  } catch {
    // None yet, or not readable as one: make it.
  }
  const { cert, private: key } = await make();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(keyFile, key, 0o600);
  await writeWhole(certFile, cert, 0o644);
  return { cert, key, selfSigned: true };
}

function isUsable(pem: string): boolean {
  const read = new X509Certificate(pem);
  return Date.parse(read.validTo) - Date.now() > 7 * days && read.checkHost(hostname()) !== undefined;
}

function make(): ReturnType<typeof generate> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map((one) => one.address),
  );
  return generate([{ name: 'commonName', value: hostname() }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 825 * days),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set([hostname(), 'localhost'])].map((value) => ({ type: 2 as const, value })),
          ...[...new Set(['127.0.0.1', '::1', ...addresses])]
            .filter((address) => !address.includes('%'))
            .map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await writeFile(`${path}.part`, text, { mode });
  await rename(`${path}.part`, path);
}
