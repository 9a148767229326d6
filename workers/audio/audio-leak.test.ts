import { expect, it } from 'vitest';
import { describeBuilt, freshAudio } from '../../wasm/scripted-modules.ts';
import { Room, opus, Sender, pcmu } from './scripted-room.ts';

describeBuilt('the memory of an audio mixer', () => {
  const settled = 20;

  it('comes back when who speaks, who listens and what they use change', { timeout: 60_000 }, async () => {
    const mixing = await freshAudio();
    const outside = await freshAudio();
    const room = new Room(outside, undefined, mixing);
    const senders = [opus, pcmu].map((format) => new Sender(outside, { format, tells: true }));
    const stereo = new Sender(outside, { channels: 2 });
    let before = 0;
    for (let turn = 0; turn < 300; turn++) {
      const [first, second] = senders;
      if (turn === settled) before = mixing.memoryBytes;
      room.take('A', first!);
      room.take('B', turn % 3 === 0 ? stereo : second!);
      room.configure({
        outputs: [
          { track: 'all', format: opus },
          { track: 'A', format: opus, without: 'A' },
          { track: 'B', format: turn % 2 === 0 ? opus : pcmu, without: 'B' },
        ],
      });
      room.run(160);
      room.setActive('A', false);
      room.run(40);
      room.leave('A');
      room.leave('B');
      room.configure({ outputs: [] });
    }
    expect(mixing.memoryBytes).toBe(before);
    room.pipeline.close();
  });

  it('comes back when mixers end', { timeout: 60_000 }, async () => {
    const mixing = await freshAudio();
    const outside = await freshAudio();
    const sender = new Sender(outside, { format: pcmu });
    let before = 0;
    for (let turn = 0; turn < 300; turn++) {
      if (turn === settled) before = mixing.memoryBytes;
      const room = new Room(outside, undefined, mixing);
      room.take('A', sender);
      room.configure({ outputs: [{ track: 'all', format: turn % 2 === 0 ? opus : pcmu }] });
      room.run(200);
      room.pipeline.close();
    }
    expect(mixing.memoryBytes).toBe(before);
  });
});
