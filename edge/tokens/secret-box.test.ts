import { expect, it } from 'vitest';
import { HastyClock, seededRandom } from '../management/scripted-server.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createSecretBox } from './secret-box.ts';
import { rotateServerKey } from './server-keys.ts';

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

it('opens what was sealed by any key it ever had, old forms without a key id too', async () => {
  const random = seededRandom(1);
  const { directory } = await createMemoryPorts({ clock: new HastyClock(), random });
  const box = createSecretBox(directory, random);
  const first = await box.seal('one');
  await rotateServerKey({ directory, random }, 'secret-box');
  const second = await box.seal('two');
  await rotateServerKey({ directory, random }, 'secret-box');
  expect(first.split('.')[0]).not.toBe(second.split('.')[0]);
  for (const reader of [box, createSecretBox(directory, random)]) {
    expect(await reader.open(first)).toBe('one');
    expect(await reader.open(second)).toBe('two');
    expect(await reader.open(first.replace(/^.*\./, ''))).toBe('one');
    expect(await reader.open(first.replace(/^.*\./, second.slice(0, 9)))).toBeUndefined();
    expect(await reader.open(first.replace(/^.{8}/, 'ffffffff'))).toBeUndefined();
  }
});
