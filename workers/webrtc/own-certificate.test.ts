import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeOwnCertificate } from './own-certificate.ts';

it('makes a certificate of its own key, signed by itself, another each time', async () => {
  const { cert, key } = await makeOwnCertificate();
  const read = new X509Certificate(cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(read.subject).toBe('CN=sluice');
  expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 365 * 24 * 60 * 60 * 1000);
  expect(new X509Certificate((await makeOwnCertificate()).cert).fingerprint256).not.toBe(read.fingerprint256);
});
