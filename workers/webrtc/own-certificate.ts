// Owns the certificate that this process shows its clients in DTLS. They trust it by its fingerprint in an answer, so it
// is signed by itself and names nobody (RFC 8827 §6.5). Written here since a library for it takes 120 ms to load, for which
// everybody waits whose worker died.
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface OwnCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, private. */
  readonly key: string;
}

/** Object identifiers in DER: the common name, and ECDSA with SHA-256. */
const commonName = Buffer.from('0603550403', 'hex');
const ecdsaWithSha256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
/** UTCTime has two digits for the year, so this is as long as it can say: 1950 to 2049. */
const [from, to] = ['500101000000Z', '491231235959Z'];
const version3 = Buffer.from('a003020102', 'hex');

/** A new key on P-256 and a certificate of it (RFC 5280 §4.1). */
export function makeOwnCertificate(): OwnCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('sluice')))));
  // Positive and without leading zeros, as DER wants its integers.
  const serial = der(0x02, Buffer.from([0x40, ...randomBytes(15)]));
  const validity = sequence(der(0x17, Buffer.from(from)), der(0x17, Buffer.from(to)));
  const body = sequence(version3, serial, ecdsaWithSha256, name, validity, name, publicKey);
  const signature = sign('sha256', body, createPrivateKey(privateKey));
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return { cert: pem(whole), key: privateKey };
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
