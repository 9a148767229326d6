import { it } from 'vitest';
import { describeNative } from '../../native/scripted-session.ts';
import { nativeSessionTarget } from './native-session.ts';
import { seeded } from './seeded.ts';

describeNative('hostile input for the native engine', () => {
  it.each([1, 4])('breaks nothing (seed %i)', { timeout: 60_000 }, async (seed) => {
    await nativeSessionTarget.run(seeded(seed), 1000);
  });
});
