// Owns what every audit log promises, as tests that each implementation runs.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../../schemas/audit.ts';
import type { Audit } from '../audit.ts';

export const entry = (at: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  request: `r${at}`,
  at,
  kind: 'done',
  by: 'service',
  service: 's1',
  method: 'POST',
  path: '/v1/rooms',
  status: 200,
  ...more,
});

/** `open` gives an empty log that keeps the latest 100 entries at least. */
export function auditConformance(open: () => Promise<Audit>): void {
  let audit: Audit;
  beforeEach(async () => {
    audit = await open();
  });
  afterEach(() => audit.close());
  const times = async (query: Parameters<Audit['recent']>[0]) =>
    (await audit.recent(query)).map(({ at }) => at);

  it('gives entries back as they were, of the asked service alone, the latest ones in their order', async () => {
    const whole = entry(1, { user: 'ann', address: '::1', room: 'r', by: 'app', status: 404, method: 'PUT' });
    audit.record(whole);
    audit.record(entry(2, { service: 's2' }));
    for (const at of [3, 4]) audit.record(entry(at));
    expect(await audit.recent({ service: 's1', limit: 10 })).toEqual([whole, entry(3), entry(4)]);
    expect(await times({ service: 's1', limit: 2 })).toEqual([3, 4]);
    expect(await times({ service: 's2', limit: 2 })).toEqual([2]);
    expect(await times({ service: 's3', limit: 2 })).toEqual([]);
  });

  it('gives the first ones from a time on', async () => {
    for (const at of [1, 2, 3, 3, 4]) audit.record(entry(at));
    expect(await times({ service: 's1', since: 3, limit: 2 })).toEqual([3, 3]);
    expect(await times({ service: 's1', since: 0, limit: 3 })).toEqual([1, 2, 3]);
    expect(await times({ service: 's1', since: 5, limit: 3 })).toEqual([]);
  });

  it('gives entries without a service only to who asks for them too', async () => {
    const { service: _, ...nameless } = entry(1, { kind: 'refused', status: 401 });
    audit.record(nameless);
    audit.record(entry(2));
    expect(await times({ service: 's1', limit: 9 })).toEqual([2]);
    expect(await times({ service: 's1', orNone: true, limit: 9 })).toEqual([1, 2]);
  });
}
