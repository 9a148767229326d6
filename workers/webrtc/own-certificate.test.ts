import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeOwnCertificate } from './own-certificate.ts';

it('makes a certificate of its own key, signed by itself, another each time', () => {
  const { cert, key } = makeOwnCertificate();
  const read = new X509Certificate(cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(read.subject).toBe('CN=sluice');
  expect([read.validFrom, read.validTo].map((date) => new Date(date).getUTCFullYear())).toEqual([1950, 2049]);
  expect(new X509Certificate(makeOwnCertificate().cert).fingerprint256).not.toBe(read.fingerprint256);
});
