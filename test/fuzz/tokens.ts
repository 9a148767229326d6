// Owns the fuzz target for everything that travels sealed or signed: join tokens, reconnection tickets, sealed values and
// MAuth headers, altered in their text, their bytes and their members. What they promise: a SluiceError that says why, or
// exactly what was issued, and that once.
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { createManualClock } from '../../edge/platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { parseMAuth, verifyMAuth } from '../../edge/tokens/mauth.ts';
import { createSecretBox } from '../../edge/tokens/secret-box.ts';
import { sign } from '../../edge/tokens/signature.ts';
import { fromBase64, toBase64 } from '../../edge/tokens/text-codec.ts';
import { createTickets } from '../../edge/tokens/ticket.ts';
import { createTokens } from '../../edge/tokens/tokens.ts';
import { SluiceError } from '../../schemas/error.ts';
import { integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

type Random = () => number;

const odd: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  '',
  '__proto__',
  'a.b.c',
  [],
  {},
  true,
  { toString: 1 },
  'x'.repeat(9_000),
];
const characters = Array.from('\u0000\n ,.="%+/-_0Az~ü😀');

/** Some characters changed, left out, put in or doubled. */
function alteredText(random: Random, text: string): string {
  const list = Array.from(text);
  for (let change = integer(random, 4); change >= 0; change -= 1) {
    const at = integer(random, list.length + 1);
    const strange = characters[integer(random, characters.length)] ?? '';
    const style = random();
    if (style < 0.3) list[at] = strange;
    else if (style < 0.5) list.splice(at, 1 + integer(random, 30));
    else if (style < 0.7) list.splice(at, 0, strange);
    else if (style < 0.8) list.length = Math.min(list.length, at);
    else list.splice(at, 0, ...list.slice(at, at + integer(random, 40)));
  }
  return list.join('');
}

/** A member changed to something else, left out, or put in. */
function alteredJson(random: Random, json: string): string {
  const members: Record<string, unknown> = { ...(JSON.parse(json) as object) };
  const names = [...Object.keys(members), 'webTransportUrl', 'constructor'];
  const name = names[integer(random, names.length)] ?? '';
  const value = members[name];
  if (random() < 0.2) Reflect.deleteProperty(members, name);
  else if (typeof value === 'string' && random() < 0.6) members[name] = alteredText(random, value);
  else members[name] = odd[integer(random, odd.length)];
  const text = JSON.stringify(members);
  return random() < 0.1 ? text.replace('{', '{"__proto__":{"secure":true},') : text;
}

function altered(random: Random, good: string): string {
  const style = random();
  if (style < 0.1) return good;
  if (style < 0.4) return alteredText(random, good);
  if (style < 0.8) return toBase64(alteredJson(random, fromBase64(good)));
  return toBase64(alteredText(random, fromBase64(good)));
}

/** What it came to; throws for anything but an answer or a SluiceError. */
async function outcome<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    must(error instanceof SluiceError && error.message !== '', 'a refusal says why');
    return undefined;
  }
}

async function run(random: Random, iterations: number): Promise<void> {
  const clock = createManualClock();
  const chance = { bytes: (length: number) => Uint8Array.from({ length }, () => integer(random, 256)) };
  const ports = await createMemoryPorts({ clock, random: chance });
  const deps = { ...ports, clock, random: chance };
  const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const room = await ports.directory.createRoom(service._id, newRoomDocument('', { name: 'room' }));
  const tokens = createTokens({ ...deps, address: () => ({ host: 'h:1', secure: true }) });
  const tickets = createTickets(deps);
  const box = createSecretBox(ports.directory, chance);
  const origin = { isp: 'isp', region: 'region' };
  const ask = { user: 'Zoë', role: 'presenter', room: room._id, service: service._id, origin };

  for (let count = 0; count < iterations; count += 1) {
    const token = await tokens.issue(ask);
    let good = 0;
    for (const form of [altered(random, token), altered(random, token), token]) {
      const redeemed = await outcome(tokens.redeem(form));
      if (redeemed === undefined) continue;
      const { entry, ...claims } = redeemed;
      good += 1;
      must(entry?.room._id === room._id, 'the room is the one it was issued for');
      must(
        JSON.stringify(claims) === JSON.stringify({ ...ask, issuedAt: clock.now() }),
        'claims are as issued',
      );
    }
    must(good === 1, 'a token is good once, whatever forms of it came before');

    const ticket = await tickets.issue({ participant: 'p', room: room._id });
    const who = await outcome(tickets.open(altered(random, ticket)));
    must(
      who === undefined || (who.participant === 'p' && who.room === room._id),
      'a ticket names its participant',
    );

    const sealed = await box.seal('secret');
    const opened = await box.open(alteredText(random, sealed));
    must(opened === undefined || opened === 'secret', 'a box opens to what was put in');

    const signature = await sign('k', `1,${count}`);
    const header = `MAuth realm=r,mauth_signature_method=HMAC_SHA256,mauth_serviceid=s,mauth_cnonce=${count},mauth_timestamp=1,mauth_signature=${signature}`;
    const claimed = parseMAuth(alteredText(random, header));
    if (claimed !== undefined && (await verifyMAuth(claimed, 'k')))
      must(claimed.signed === `1,${count}`, 'a signature holds what it signs');
  }
  must(!('secure' in {}), 'no prototype was touched');
  await ports.close();
}

export const tokensTarget: FuzzTarget = { name: 'tokens', run };
