import { expect, it } from 'vitest';
import { HastyClock, seededRandom } from '../management/scripted-server.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createSecretBox } from './secret-box.ts';

it('a secret box gives back what it sealed, and nothing that was altered or never sealed', async () => {
  const random = seededRandom(1);
  const { directory } = await createMemoryPorts({ clock: new HastyClock(), random });
  const box = createSecretBox(directory, random);
  const sealed = await box.seal('pässword');
  expect(await box.open(sealed)).toBe('pässword');
  expect(await createSecretBox(directory, seededRandom(2)).open(sealed)).toBe('pässword');
  expect(await box.seal('pässword')).not.toBe(sealed);
  const altered = sealed.slice(0, -1) + (sealed.endsWith('0') ? '1' : '0');
  for (const other of [altered, '', '00', 'pässword', sealed.slice(0, 30)])
    expect(await box.open(other)).toBeUndefined();
});
