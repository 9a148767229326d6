import { describe, expect, it } from 'vitest';
import { announcedCandidates, readRemoteCandidate } from './candidates.ts';

describe('readRemoteCandidate', () => {
  it.each([
    [
      'a=candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host generation 0 ufrag abcd network-id 1',
      'candidate:1 1 UDP 2122260223 192.0.2.1 5000 typ host',
    ],
    ['candidate:1 1 UDP 1 fd00::2 5000 typ host', 'candidate:1 1 UDP 1 fd00::2 5000 typ host'],
    [
      'candidate:9 1 udp 1 198.51.100.7 6000 typ srflx raddr 192.0.2.1 rport 5000',
      'candidate:9 1 UDP 1 198.51.100.7 6000 typ srflx',
    ],
  ])('portal-protocol#7 takes %s', (text, expected) => {
    expect(readRemoteCandidate(text)).toBe(expected);
  });

  it.each([
    [''],
    ['a=candidate:'],
    ['candidate:1 1 udp 1 e0b2d2c6-5a0d.local 5000 typ host'],
    ['candidate:1 1 udp 1 example.org 5000 typ host'],
    ['candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active'],
    ['candidate:1 2 udp 1 192.0.2.1 5000 typ host'],
    ['candidate:1 1 udp 1 192.0.2.1 0 typ host'],
    ['candidate:1 1 udp 1 192.0.2.1 70000 typ host'],
    ['candidate:1 1 udp 1 192.0.2.300 5000 typ host'],
    ['candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=x:y'],
    [`candidate:1 1 udp 1 192.0.2.1 5000 typ host ${'x'.repeat(600)}`],
  ])('ignores %j', (text) => {
    expect(readRemoteCandidate(text)).toBeUndefined();
  });
});

describe('announcedCandidates', () => {
  const gathered = ['candidate:1 1 UDP 1 192.0.2.1 5000 typ host'];

  it('announces what was gathered', () => {
    expect(announcedCandidates(gathered, [], 5000)).toEqual(gathered);
  });

  it('announces the configured addresses in their place, the first preferred', () => {
    const candidates = announcedCandidates(gathered, ['203.0.113.5', '2001:db8::5'], 5000);
    expect(candidates.map((candidate) => candidate.split(' ').slice(4, 6))).toEqual([
      ['203.0.113.5', '5000'],
      ['2001:db8::5', '5000'],
    ]);
    const [first, second] = candidates.map((candidate) => Number(candidate.split(' ')[3]));
    expect(first).toBeGreaterThan(second ?? Infinity);
  });

  it('announces loopback where there is nothing else', () => {
    expect(announcedCandidates([], [], 5000)).toEqual([expect.stringContaining(' 127.0.0.1 5000 typ host')]);
  });
});
