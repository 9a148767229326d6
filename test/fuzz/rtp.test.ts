import { describe, it } from 'vitest';
import { rtcpTarget } from './rtcp.ts';
import { rtpExtensionsTarget } from './rtp-extensions.ts';
import { rtpTarget } from './rtp.ts';
import { seeded } from './seeded.ts';

describe.each([rtpTarget, rtpExtensionsTarget, rtcpTarget])('hostile input for $name', (target) => {
  it.each([1, 2, 3, 4])('breaks nothing (seed %i)', async (seed) => {
    await target.run(seeded(seed), 500);
  });
});
