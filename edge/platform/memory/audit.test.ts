import { describe, expect, it } from 'vitest';
import { auditConformance, entry } from '../../store/conformance/audit.ts';
import { createMemoryAudit } from './audit.ts';

describe('audit log in memory', () => {
  auditConformance(() => Promise.resolve(createMemoryAudit()));

  it('forgets the oldest', async () => {
    const audit = createMemoryAudit({ keep: 3, earlier: [1, 2, 3, 4].map((at) => entry(at)) });
    const all = async () => (await audit.recent({ service: 's1', since: 0, limit: 100 })).map(({ at }) => at);
    expect(await all()).toEqual([2, 3, 4]);
    for (let at = 5; at < 30; at++) {
      audit.record(entry(at));
      expect(await all()).toEqual([at - 2, at - 1, at]);
    }
  });
});
