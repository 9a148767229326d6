// Owns the fuzz target for RTP header extensions: whatever the block holds, what is found lies inside it.
import {
  findExtension,
  readAbsoluteSendTime,
  readAudioLevel,
  readTextExtension,
  readTransportSequence,
  Span,
} from '../../workers/rtp/extensions.ts';
import { parseRtp, RtpHeader } from '../../workers/rtp/packet.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const starts: readonly (readonly number[])[] = [
  [0xbe, 0xde, 0, 3, 0x10, 5, 0x21, 1, 2, 0x32, 1, 2, 3, 0x41, 0x68, 0x69],
  [0x10, 0x00, 0, 3, 20, 2, 0x61, 0x62, 21, 0, 22, 3, 1, 2, 3],
  [0xbe, 0xde, 0, 4, 0, 0, 0, 0, 0x1f],
];

export const rtpExtensionsTarget: FuzzTarget = {
  name: 'rtp-extensions',
  run(random, iterations) {
    const header = new RtpHeader();
    const span = new Span();
    for (let round = 0; round < iterations; round++) {
      const block = hostileBytes(random, starts[integer(random, starts.length)] ?? [], 40);
      const bytes = new Uint8Array(12 + block.length);
      bytes.set([0x90, 96]);
      bytes.set(block, 12);
      // A header may also claim what the packet does not have: the caller may have cut it.
      const parsed = parseRtp(bytes, header);
      if (!parsed && random() < 0.5) continue;
      const seen = random() < 0.1 ? bytes.subarray(0, integer(random, bytes.length + 1)) : bytes;
      for (let id = -1; id <= 256; id++) {
        if (findExtension(seen, header, id, span)) {
          must(span.offset >= header.extensionOffset, 'an element begins inside the block');
          must(
            span.offset + span.length <= header.extensionOffset + header.extensionLength,
            'and ends in it',
          );
          must(span.offset + span.length <= seen.length, 'and in the packet');
        }
      }
      const id = integer(random, 256);
      const text = readTextExtension(seen, header, id);
      must(text === undefined || /^[\x21-\x7e]{1,64}$/.test(text), 'text is short and printable');
      must(inRange(readTransportSequence(seen, header, id), 0xffff), 'a transport sequence has 16 bits');
      must(inRange(readAudioLevel(seen, header, id), 0xff), 'a level has 8 bits');
      must(inRange(readAbsoluteSendTime(seen, header, id), 0xffffff), 'a send time has 24 bits');
    }
  },
};

function inRange(value: number, highest: number): boolean {
  return Number.isInteger(value) && value >= -1 && value <= highest;
}
