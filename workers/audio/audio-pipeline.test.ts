import { beforeAll, expect, it } from 'vitest';
import type { Audio } from '../../wasm/audio.ts';
import { describeBuilt, freshAudio } from '../../wasm/scripted-modules.ts';
import { Room } from './scripted-room.ts';

describeBuilt('an audio mixer', () => {
  let audio: Audio;
  beforeAll(async () => {
    audio = await freshAudio();
  });
  const tones = { A: 400, B: 700, C: 1100, D: 1600 };

  it('gives everybody all others, and those who only listen everything', () => {
    const room = new Room(audio);
    for (const [owner, hz] of Object.entries(tones)) {
      room.join(owner, { hz });
      room.listen(owner, owner);
    }
    room.listen('all');
    room.run(2000);
    for (const [listener, heard] of room.listeners) {
      for (const [owner, hz] of Object.entries(tones)) {
        const level = heard.tone(hz);
        if (owner === listener) expect(level, `${listener} hears itself`).toBeLessThan(0.003);
        else expect(level, `${listener} hears ${owner}`).toBeGreaterThan(0.05);
      }
    }
  });
});
