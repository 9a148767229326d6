import { expect, it } from 'vitest';
import type { AuditEntry } from '../../schemas/audit.ts';
import { entry } from '../store/conformance/audit.ts';
import { AuditLimit } from './audit-limit.ts';

function limited(perAddress: number, together: number) {
  const listed: AuditEntry[] = [];
  const audit = {
    record: (each: AuditEntry) => void listed.push(each),
    recent: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const limit = new AuditLimit(audit, { perAddress, together });
  const from = (address: string, at: number) => limit.record(entry(at, { address }));
  return { listed, from };
}

it('lists so many of one address a minute, whatever the others do', () => {
  const { listed, from } = limited(2, 100);
  for (let at = 0; at < 10; at++) from('a', at);
  from('b', 10);
  expect(listed.map(({ address, at }) => `${address}${at}`)).toEqual(['a0', 'a1', 'b10']);
  from('a', 60_000);
  expect(listed.slice(3)).toEqual([
    {
      request: 'r2',
      at: 60_000,
      kind: 'unlisted',
      by: 'service',
      method: 'POST',
      path: '/v1/rooms',
      status: 200,
      count: 8,
    },
    entry(60_000, { address: 'a' }),
  ]);
});

it('lists so many of all addresses together', () => {
  const { listed, from } = limited(2, 5);
  for (let n = 0; n < 100_000; n++) from(`address ${n}`, n / 10_000);
  expect(listed).toHaveLength(5);
  from('late', 60_000);
  expect(listed.slice(5).map(({ kind, count }) => [kind, count])).toEqual([
    ['unlisted', 99_995],
    ['done', undefined],
  ]);
});

it('says nothing of a minute in which all were listed', () => {
  const { listed, from } = limited(2, 5);
  for (const at of [0, 70_000, 140_000]) from('a', at);
  expect(listed.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
});
