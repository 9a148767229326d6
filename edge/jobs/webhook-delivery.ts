// Owns one delivery to a webhook: what is sent, how it is signed, what counts as received. When it is tried again is the
// job's business.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { webhookDeliverySchema } from '../../schemas/webhook.ts';
import type { Clock } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { JobRun } from '../store/jobs.ts';
import type { SecretBox } from '../tokens/secret-box.ts';
import { toHex } from '../tokens/text-codec.ts';

/**
 * Sends a body and resolves with the status of the answer, whose body nobody reads. It follows no redirect. Rejects with
 * SluiceError `operation-failed`, whose text may be shown, when there was none.
 */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

export const signatureHeader = 'x-sluice-signature';
const utf8 = new TextEncoder();

/** Delivers a `WebhookDelivery`; rejects when it was not received. One to a webhook that is gone is done. */
export function webhookDelivery(deps: {
  readonly directory: Pick<Directory, 'service'>;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly post: Post;
}): (run: JobRun) => Promise<void> {
  const { directory, box, clock, post } = deps;
  return async ({ data, attempt }) => {
    const delivery = v.parse(webhookDeliverySchema, data);
    const service = await directory.service(delivery.service);
    const hook = service?.webhooks?.find(({ _id }) => _id === delivery.webhook);
    if (hook === undefined) return;
    const secret = await box.open(hook.secret);
    if (secret === undefined) throw new SluiceError('internal', 'The secret of the webhook cannot be read');
    const body = JSON.stringify(delivery);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Sluice',
      'x-sluice-attempt': String(attempt),
      [signatureHeader]: await webhookSignature(secret, clock.now(), body),
    };
    const status = await post(hook.url, headers, body);
    if (status < 200 || status > 299)
      throw new SluiceError('operation-failed', `The receiver answered ${status}`);
  };
}

/** `t=<milliseconds since 1970>,v1=<hexadecimal HMAC-SHA256 of "<t>.<body>">`. */
export async function webhookSignature(secret: string, now: number, body: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), algorithm, false, ['sign']);
  const mac = await crypto.subtle.sign('HMAC', key, utf8.encode(`${now}.${body}`));
  return `t=${now},v1=${toHex(new Uint8Array(mac))}`;
}
