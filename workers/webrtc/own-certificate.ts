// Owns the certificate that this process shows its clients in DTLS. They trust it by its fingerprint in an answer, so it
// is signed by itself and names nobody (RFC 8827 §6.5).
import { generate } from 'selfsigned';

export interface OwnCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, private. */
  readonly key: string;
}

/** It lives with its process; clients look at nothing but its fingerprint, and a clock may be set back. */
const day = 24 * 60 * 60 * 1000;
const years = 10 * 365 * day;

/** A new key on P-256 and a certificate of it, from yesterday on for ten years. */
export async function makeOwnCertificate(): Promise<OwnCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'sluice' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + years),
    extensions: [],
  });
  return { cert, key };
}
