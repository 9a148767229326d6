// Owns the tests of bringing a room's document to one worker.
import { expect, it } from 'vitest';
import type { DesiredRoom } from '../../schemas/worker.ts';
import { createMemoryBus } from '../platform/memory/bus.ts';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { channels } from '../../schemas/bus.ts';
import { DocumentSender } from './document-sender.ts';

it('sends a document when anything in it changes, be it only what crosses to other workers', async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock });
  const versions: unknown[] = [];
  bus.serve(channels.worker('w'), (message) => {
    versions.push(message);
    return Promise.resolve({ ok: true });
  });
  const sender = new DocumentSender({
    fence: 7,
    worker: 'w',
    bus,
    clock,
    timeoutMs: 1000,
    failed: () => undefined,
    acknowledged: () => undefined,
  });
  const transports = [{ id: 't', participant: 'p', publications: [], subscriptions: [] }];
  const links = [{ peer: 'x', incoming: [], outgoing: [{ track: 't-0', kind: 'video' as const }] }];
  const first: DesiredRoom = { room: 'r', version: 1, transports, mixers: [] };
  const documents = [
    first,
    { ...first, version: 2 },
    { ...first, version: 3, links },
    { ...first, version: 4 },
  ];
  for (const document of documents) {
    sender.want(document, 0);
    await clock.advance(0);
  }
  expect(versions).toEqual(
    [first, documents[2], documents[3]].map((desired) => ({
      type: 'desired',
      desired: { ...desired, fence: 7 },
    })),
  );
  expect(sender.finished).toBe(false);
  sender.close();
  bus.close();
});
