import { describe, expect, it } from 'vitest';
import { Stage } from './scripted-stage.ts';
import { refusals, unreachable } from './scripted-refusals.ts';
import { startScriptedServer } from '../scripted-server.ts';
import { owtSpeaker, signalSpeaker } from '../scripted-speaker.ts';

describe.each([
  ['owt', owtSpeaker],
  ['sluice.1', signalSpeaker],
] as const)('portal-protocol#3 in %s', (protocol, connect) => {
  const rows = refusals.filter(({ only }) => only === undefined || only === protocol);
  it.each(rows)('$request is refused with "$text" when $when', async ({ text, ends, server, play }) => {
    const stage = new Stage(await startScriptedServer(server?.()), connect);
    try {
      const answer = await play(stage);
      expect(answer.ok).toBe(false);
      if (typeof text === 'string') expect(answer.text).toBe(text);
      else expect(answer.text).toMatch(text);
      if (ends) await stage.last?.closed();
      else expect(stage.last?.isOpen()).toBe(true);
    } finally {
      await stage.close();
    }
  });
});

it('no text stands in both lists', () => {
  const texts = refusals.map(({ text }) => String(text));
  expect(Object.keys(unreachable).filter((text) => texts.includes(text))).toEqual([]);
});
