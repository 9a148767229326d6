import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DesiredPublication, Format } from '../../schemas/worker.ts';
import { negotiate, type OutgoingSubscription } from './negotiation.ts';
import { writeAnswer } from './sdp-answer.ts';
import { parseSdp } from './sdp-parse.ts';

const read = (name: string): string => readFileSync(new URL(`offers/${name}.sdp`, import.meta.url), 'utf8');
const offer = (name: string): ReturnType<typeof parseSdp> => parseSdp(read(name));

const opus: Format = { codec: 'opus', sampleRate: 48_000, channelNum: 2 };
const publication = (id: string, tracks: [string, 'audio' | 'video', Format[]][]): DesiredPublication => ({
  id,
  tracks: tracks.map(([mid, kind, formats]) => ({ mid, kind, formats, paused: false })),
});
const subscription = (id: string, tracks: [string, 'audio' | 'video', Format[]][]): OutgoingSubscription => ({
  id,
  tracks: tracks.map(([mid, kind, formats], index) => ({
    mid,
    kind,
    formats,
    preference: 'formats',
    ssrc: 1000 + index * 2,
    rtxSsrc: 1001 + index * 2,
    source: undefined,
  })),
});

const local = {
  iceUfrag: 'ufrag',
  icePwd: 'password',
  fingerprint: 'sha-256 AA',
  setup: 'passive',
  candidates: ['candidate:1 1 UDP 1 127.0.0.1 5000 typ host'],
} as const;
const sectionsOf = (answer: string): string[] => answer.split('m=').slice(1);

describe('negotiate', () => {
  it('portal-protocol#6 answers publications recvonly and subscriptions sendonly, in order, with one msid stream', () => {
    const published = negotiate(
      offer('renegotiate-added'),
      [
        publication('p1', [
          ['0', 'audio', [opus]],
          ['1', 'video', [{ codec: 'vp8' }]],
        ]),
        publication('p2', [['2', 'video', [{ codec: 'h264' }]]]),
      ],
      [
        subscription('s1', [
          ['3', 'audio', [opus]],
          ['4', 'video', [{ codec: 'vp9' }]],
        ]),
      ],
    );
    expect(published.publications.map(({ state }) => state)).toEqual(['negotiated', 'negotiated']);
    expect(published.subscriptions.map(({ state }) => state)).toEqual(['negotiated']);
    const text = writeAnswer(published.sections, local, 1);
    expect(text).toContain('a=group:BUNDLE 0 1 2 3 4\r\n');
    // Without it Chromium makes its senders anew at every renegotiation, and pauses.
    expect(text).toContain('a=extmap-allow-mixed\r\n');
    const sections = sectionsOf(text);
    expect(sections.map((section) => /a=(recvonly|sendonly|inactive)/.exec(section)?.[1])).toEqual([
      'recvonly',
      'recvonly',
      'recvonly',
      'sendonly',
      'sendonly',
    ]);
    expect(sections.map((section) => /a=mid:(.*)\r/.exec(section)?.[1])).toEqual(['0', '1', '2', '3', '4']);
    expect(sections[3]).toContain('a=msid:s1 s1-3');
    expect(sections[4]).toContain('a=msid:s1 s1-4');
    expect(sections[4]).toContain('a=ssrc-group:FID 1002 1003');
    for (const section of sections) {
      expect(section).toContain('a=candidate:1 1 UDP 1 127.0.0.1 5000 typ host');
      expect(section).toContain('a=end-of-candidates');
      expect(section).toContain('a=setup:passive');
    }
  });

  it('answers a publication with one codec and its retransmission only', () => {
    const { sections } = negotiate(
      offer('publish-audio-video'),
      [publication('p', [['1', 'video', [{ codec: 'vp9' }]]])],
      [],
    );
    const video = sectionsOf(writeAnswer(sections, local, 1))[1] ?? '';
    expect(video).toMatch(/^video 9 UDP\/TLS\/RTP\/SAVPF 98 99\r/);
    expect(video).toContain('a=fmtp:98 profile-id=0');
    for (const feedback of ['ccm fir', 'nack', 'nack pli', 'transport-cc', 'goog-remb']) {
      expect(video).toContain(`a=rtcp-fb:98 ${feedback}\r\n`);
    }
    expect(video).not.toContain('red/');
    expect(video).not.toContain('toffset');
  });

  it('portal-protocol#14 answers unknown, ended and inactive m-lines inactive and stopped ones with port 0', () => {
    const { sections } = negotiate(offer('renegotiate-removed'), [], []);
    const text = writeAnswer(sections, local, 1);
    const kinds = sectionsOf(text).map((section) => section.split(' ').slice(0, 2).join(' '));
    expect(kinds).toEqual(['audio 0', 'video 9', 'video 9', 'audio 9', 'video 9', 'application 9']);
    expect(text).toContain('a=group:BUNDLE 1 2 3 4 5\r\n');
    expect(sectionsOf(text)[1]).toContain('a=inactive');
    expect(sectionsOf(text)[1]).toContain('a=ice-ufrag:ufrag');
    expect(sectionsOf(text)[5]).toContain('a=sctp-port:5000');
  });

  it('lists the layers of simulcast and answers them with recv', () => {
    const { publications, sections, extensions } = negotiate(
      offer('publish-simulcast'),
      [publication('p', [['0', 'video', [{ codec: 'vp8' }]]])],
      [],
    );
    expect(publications[0]).toMatchObject({
      state: 'negotiated',
      tracks: [{ layers: [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }] }],
    });
    expect(extensions).toMatchObject({ mid: 9, rid: 10, repairedRid: 11, transportCc: 4 });
    const text = writeAnswer(sections, local, 1);
    expect(text).toContain('a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n');
  });

  it('maps a legacy SIM group to rids 0, 1, 2', () => {
    const legacy = read('publish-audio-video').replace(
      /a=ssrc-group:FID (\d+) (\d+)\n/,
      'a=ssrc-group:SIM 11 12 13\na=ssrc-group:FID 11 21\na=ssrc-group:FID 12 22\na=ssrc-group:FID 13 23\n',
    );
    const { publications } = negotiate(
      parseSdp(legacy),
      [publication('p', [['1', 'video', [{ codec: 'vp8' }]]])],
      [],
    );
    expect(publications[0]).toMatchObject({
      tracks: [
        {
          layers: [
            { rid: '0', ssrc: 11, rtxSsrc: 21 },
            { rid: '1', ssrc: 12, rtxSsrc: 22 },
            { rid: '2', ssrc: 13, rtxSsrc: 23 },
          ],
        },
      ],
    });
  });

  it('takes redundant audio only from a client that offers it first', () => {
    const wanted = [publication('p', [['0', 'audio', [opus]]])];
    const preferred = negotiate(offer('publish-red'), wanted, []);
    expect(preferred.publications[0]).toMatchObject({ tracks: [{ red: { type: 63 } }] });
    expect(writeAnswer(preferred.sections, local, 1)).toContain('SAVPF 63 111\r\n');
    const plain = negotiate(offer('publish-audio-video'), wanted, []);
    expect(plain.publications[0]).toMatchObject({ tracks: [{ red: undefined }] });
  });

  it.each([
    ['audio', '0', 'Audio format unacceptable'],
    ['video', '1', 'Video format unacceptable'],
  ] as const)('fails a publication whose %s no format accepts, and nothing else', (kind, mid, reason) => {
    const { publications, sections } = negotiate(
      offer('publish-audio-video'),
      [
        publication('bad', [[mid, kind, [{ codec: kind === 'audio' ? 'ac3' : 'h265' }]]]),
        publication('good', [mid === '0' ? ['1', 'video', [{ codec: 'vp8' }]] : ['0', 'audio', [opus]]]),
      ],
      [],
    );
    expect(publications[0]).toEqual({ state: 'impossible', id: 'bad', reason });
    expect(publications[1]).toMatchObject({ state: 'negotiated', id: 'good' });
    expect(sections.find(({ section }) => section.mid === mid)?.type).toBe('inactive');
  });

  it('waits for m-lines that are not in the offer yet', () => {
    const { publications } = negotiate(
      offer('publish-audio-video'),
      [publication('later', [['7', 'video', [{ codec: 'vp8' }]]])],
      [],
    );
    expect(publications).toEqual([{ state: 'waiting', id: 'later' }]);
  });

  it('refuses a session whose kind or direction the m-line contradicts', () => {
    const { publications, subscriptions } = negotiate(
      offer('publish-audio-video'),
      [publication('p', [['0', 'video', [{ codec: 'vp8' }]]])],
      [subscription('s', [['1', 'video', [{ codec: 'vp8' }]]])],
    );
    expect(publications[0]?.state).toBe('impossible');
    expect(subscriptions[0]?.state).toBe('impossible');
  });

  it('refuses to publish on an m-line that only receives', () => {
    const { publications } = negotiate(
      offer('subscribe-audio-video'),
      [publication('p', [['1', 'video', [{ codec: 'vp8' }]]])],
      [],
    );
    expect(publications[0]?.state).toBe('impossible');
  });

  it('refuses a second session on the same mid', () => {
    const { publications } = negotiate(
      offer('publish-audio-video'),
      [publication('a', [['0', 'audio', [opus]]]), publication('b', [['0', 'audio', [opus]]])],
      [],
    );
    expect(publications.map(({ state }) => state)).toEqual(['negotiated', 'impossible']);
  });

  it('fails a subscription whose codec the client cannot decode', () => {
    const { subscriptions } = negotiate(
      offer('subscribe-audio-video'),
      [],
      [subscription('s', [['1', 'video', [{ codec: 'h265' }]]])],
    );
    expect(subscriptions[0]).toEqual({ state: 'impossible', id: 's', reason: 'No available video format' });
  });
});
