import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import { parseSdp } from './sdp-parse.ts';

const offer = (name: string): string =>
  readFileSync(new URL(`offers/${name}.sdp`, import.meta.url), 'utf8').replaceAll('\n', '\r\n');

const minimal = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:SHA-256 ${Array.from({ length: 32 }, () => 'ab').join(':')}`,
  'a=setup:actpass',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
];

describe('parseSdp', () => {
  it("reads a browser's audio and video offer", () => {
    const { media, credentials } = parseSdp(offer('publish-audio-video'));
    expect(media.map(({ mid, kind, direction }) => [mid, kind, direction])).toEqual([
      ['0', 'audio', 'sendonly'],
      ['1', 'video', 'sendonly'],
    ]);
    expect(credentials.setup).toBe('actpass');
    expect(credentials.fingerprint).toMatch(/^sha-256 [0-9A-F:]{95}$/);
    expect(media[0]?.payloads[0]).toMatchObject({
      type: 111,
      name: 'opus',
      clockRate: 48_000,
      channels: 2,
      fmtp: 'minptime=10;useinbandfec=1',
      feedback: ['transport-cc'],
    });
    expect(media[1]?.ssrcGroups).toEqual([{ semantics: 'FID', ssrcs: media[1]?.ssrcs }]);
  });

  it('reads simulcast layers in their order', () => {
    expect(parseSdp(offer('publish-simulcast')).media[0]?.sendRids).toEqual(['q', 'h', 'f']);
  });

  it('tells a stopped m-line from a bundle-only one', () => {
    const stopped = parseSdp(offer('renegotiate-removed')).media;
    expect(stopped[0]).toMatchObject({ mid: '0', rejected: true, bundled: false });
    expect(stopped[1]).toMatchObject({ mid: '1', rejected: false, direction: 'inactive' });
    const bundleOnly = minimal.map((line) => line.replace('m=audio 9', 'm=audio 0'));
    expect(parseSdp([...bundleOnly, 'a=bundle-only'].join('\n')).media[0]?.rejected).toBe(false);
  });

  it('keeps the candidates of every m-line, even of a stopped one', () => {
    expect(parseSdp(offer('renegotiate-removed')).candidates.length).toBeGreaterThan(0);
  });

  it('reads a data channel m-line', () => {
    expect(parseSdp(offer('data-channel')).media[0]).toMatchObject({
      kind: 'application',
      protocol: 'UDP/DTLS/SCTP',
      formats: ['webrtc-datachannel'],
    });
  });

  it('takes static payload types without an rtpmap', () => {
    const lines = minimal.map((line) => line.replace('SAVPF 111', 'SAVPF 0 111'));
    expect(parseSdp(lines.join('\n')).media[0]?.payloads.map(({ name }) => name)).toEqual(['pcmu', 'opus']);
  });

  it('takes direction from the session when an m-line has none', () => {
    const lines = minimal.filter((line) => line !== 'a=sendonly');
    lines.splice(4, 0, 'a=recvonly');
    expect(parseSdp(lines.join('\n')).media[0]?.direction).toBe('recvonly');
  });

  it('ignores attributes that carry control characters', () => {
    const lines = minimal.map((line) => line.replace('opus/48000/2', 'opus/48000/2\u0000'));
    expect(parseSdp(lines.join('\n')).media[0]?.payloads).toEqual([]);
  });

  const broken: [string, string][] = [
    ['nothing', ''],
    ['no SDP', 'hello'],
    ['no media', minimal.slice(0, 9).join('\n')],
    ['no credentials', minimal.filter((line) => !line.startsWith('a=ice-pwd')).join('\n')],
    ['a short password', minimal.map((line) => line.replace(/^a=ice-pwd.*/, 'a=ice-pwd:short')).join('\n')],
    ['no fingerprint', minimal.filter((line) => !line.startsWith('a=fingerprint')).join('\n')],
    ['an unreadable m-line', [...minimal, 'm=video x'].join('\n')],
    ['a repeated mid', [...minimal, ...minimal.slice(9)].join('\n')],
    ['a mid with a space', minimal.map((line) => line.replace('a=mid:0', 'a=mid:0 1')).join('\n')],
    ['an endless line', [...minimal, `a=x:${'y'.repeat(5000)}`].join('\n')],
    ['too many m-lines', [...minimal, ...Array.from({ length: 500 }, () => 'm=audio 9 RTP 0')].join('\n')],
    ['too much text', [...minimal, ...Array.from({ length: 400_000 }, () => 'a=x:y')].join('\n')],
  ];
  it.each(broken)('refuses %s with a text to show', (_, text) => {
    let thrown: unknown;
    try {
      parseSdp(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SluiceError);
    expect(thrown).toHaveProperty('code', 'bad-request');
    expect(String(thrown)).toContain('Invalid SDP: ');
  });
});
