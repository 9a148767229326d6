import { beforeEach, describe, expect, it } from 'vitest';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { Source } from '../routing/source.ts';
import { SsrcTable, type IncomingTrack, type SsrcRoute } from './ssrc-table.ts';
import { testPayload } from './testing/test-media.ts';
import { rtpPacket, type Elements } from './testing/test-packets.ts';

const source = (track: string, rid?: string): Source =>
  new Source({
    track,
    kind: 'video',
    rid,
    payload: testPayload(96, 'vp8'),
    redType: undefined,
    feedback: { nack: () => undefined, pli: () => undefined },
    resized: () => undefined,
  });
const track = (mid: string, sources: Source[]): IncomingTrack => ({
  mid,
  payloadType: 96,
  redType: undefined,
  rtxType: 97,
  sources,
});

describe('SsrcTable', () => {
  let table: SsrcTable;

  beforeEach(() => {
    table = new SsrcTable();
    table.setExtensions({ mid: 4, rid: 10, repairedRid: 11 });
  });

  const learn = (ssrc: number, type: number, elements?: Elements): SsrcRoute | undefined => {
    const packet = rtpPacket({
      type,
      ssrc,
      sequence: 1,
      timestamp: 1,
      payload: Buffer.alloc(4),
      ...(elements ? { elements } : {}),
    });
    const header = new RtpHeader();
    parseRtp(packet, header);
    return table.learn(packet, header);
  };

  it('learns layers and their retransmissions by mid, rid and repaired rid', () => {
    const q = source('t-1:q', 'q');
    const f = source('t-1:f', 'f');
    table.setTracks([track('0', [source('t-0')]), track('1', [q, f])]);
    expect(learn(50, 96, { 4: '1', 10: 'f' })).toEqual({ source: f, repair: false });
    expect(learn(60, 97, { 4: '1', 11: 'f' })).toEqual({ source: f, repair: true });
    expect(f.ssrc).toBe(50);
    expect(table.find(60)).toEqual({ source: f, repair: true });
  });

  it('takes a mid alone for a track without layers', () => {
    const only = source('t-0');
    table.setTracks([track('0', [only]), track('1', [source('t-1')])]);
    expect(learn(50, 96, { 4: '0' })).toEqual({ source: only, repair: false });
  });

  it('guesses by payload type when only one track has it, and never takes a source over that way', () => {
    const only = source('t-0');
    table.setTracks([track('0', [only])]);
    expect(learn(50, 96)).toEqual({ source: only, repair: false });
    expect(learn(51, 96)).toBeUndefined();
    table.setTracks([track('0', [source('a')]), track('1', [source('b')])]);
    expect(learn(52, 96)).toBeUndefined();
  });

  it.each<[string, number, Elements]>([
    ['an unknown mid', 96, { 4: '9' }],
    ['an unknown rid', 96, { 4: '1', 10: 'x' }],
    ['no rid where there are layers', 96, { 4: '1' }],
    ['a foreign payload type', 98, { 4: '0' }],
  ])('learns nothing from %s', (_, type, elements) => {
    table.setTracks([track('0', [source('t-0')]), track('1', [source('t-1:q', 'q')])]);
    expect(learn(50, type, elements)).toBeUndefined();
  });

  it('follows a sender that comes back under another SSRC', () => {
    const only = source('t-0');
    table.setTracks([track('0', [only])]);
    learn(50, 96, { 4: '0' });
    learn(51, 96, { 4: '0' });
    expect(only.ssrc).toBe(51);
    expect(table.find(50)).toBeUndefined();
  });

  it('forgets routes of tracks that are gone', () => {
    table.setTracks([track('0', [source('t-0')])]);
    learn(50, 96);
    table.setTracks([]);
    expect(table.find(50)).toBeUndefined();
  });

  it('holds a bounded number of routes', () => {
    table.setTracks([track('0', [source('t-0')])]);
    for (let ssrc = 1; ssrc <= 2000; ssrc++) learn(ssrc, 97, { 4: '0' });
    expect(table.find(512)).toBeDefined();
    expect(table.find(513)).toBeUndefined();
  });
});
