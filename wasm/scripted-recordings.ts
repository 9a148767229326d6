// Owns what the codecs made of the test clips (scripted-clip.ts) when it was last compared with the native libraries of
// the same versions: npm run build:wasm -- --native-check does that again.

export interface Recording {
  readonly codec: 'h264' | 'vp8' | 'vp9';
  readonly width: number;
  readonly height: number;
  /** Pictures. */
  readonly count: number;
  readonly bitrateBps: number;
  /** MD5 of the bitstream, and of the decoded pictures as packed I420. */
  readonly bits: string;
  readonly pictures: string;
}

export const recorded: readonly Recording[] = [
  {
    codec: 'h264',
    width: 320,
    height: 180,
    count: 30,
    bitrateBps: 300_000,
    bits: '108ca29b28343160a3dc9849bc0d527a',
    pictures: 'f5f1413eb21bdf72c5c81696bc769a43',
  },
  {
    codec: 'h264',
    width: 640,
    height: 360,
    count: 15,
    bitrateBps: 800_000,
    bits: '3548834b539ca56333321ae532449af5',
    pictures: 'bcc5653cf0a11ad85cbef93530718cae',
  },
  {
    codec: 'vp8',
    width: 320,
    height: 180,
    count: 30,
    bitrateBps: 300_000,
    bits: 'f255d3875bd251950c12d90669ad9c54',
    pictures: '891ce064cf953c7ab49ee200f88aa0be',
  },
  {
    codec: 'vp8',
    width: 640,
    height: 360,
    count: 15,
    bitrateBps: 800_000,
    bits: 'f7e7fae4c68c80f5dd8cad52eb5ab3e1',
    pictures: 'e89912f1389843bbb626c6135f5102c6',
  },
  {
    codec: 'vp9',
    width: 320,
    height: 180,
    count: 30,
    bitrateBps: 300_000,
    bits: '259af477710aa02af8d00075b35cbf09',
    pictures: '8cc0a0d5e677ee94ae09a68a5670eb6c',
  },
];
