import { describe, expect, it } from 'vitest';
import { check } from './check.ts';
import type { History, Life, Logged, SaidText, SentDocument } from './history.ts';

const room = 'r';
const said = (
  message: string,
  outcome: SaidText['outcome'] = 'acknowledged',
  participant = 'a',
  askedAt = 10,
): SaidText => ({ room, participant, message, askedAt, outcome });
const logged = (seq: number, message: string, from = 'a', cid = seq): Logged => ({
  room,
  seq,
  by: { participant: from, cid },
  event: { type: 'text', from, message },
});
const came = (seq: number, participant: string, type: 'joined' | 'left' = 'joined'): Logged => ({
  room,
  seq,
  event: { type, participant },
});
const life = (participant: string, heard: readonly string[], more: Partial<Life> = {}): Life => ({
  room,
  participant,
  joinedAt: 0,
  complete: true,
  heard: heard.map((text) => ({ text })),
  ...more,
});
const taken = (sender: string, fence: number, more: Partial<SentDocument> = {}): SentDocument => ({
  room,
  worker: 'w',
  sender,
  fence,
  version: 1,
  outcome: 'taken',
  askedAt: 0,
  answeredAt: 0,
  ...more,
});
const history = (parts: Partial<History>): History => ({
  said: [],
  lives: [],
  logged: [],
  looks: [],
  truths: [],
  documents: [],
  leases: [],
  ...parts,
});
const rules = (parts: Partial<History>) => check(history(parts)).map(({ rule, what }) => `${rule}: ${what}`);

describe('a history without fault', () => {
  it('passes: texts of two, heard by both in one order, one of them coming in the middle', () => {
    const parts = {
      said: [
        said('a 1'),
        said('b 1', 'acknowledged', 'b', 20),
        said('a 2', 'unknown', 'a', 30),
        said('a 3', 'unknown'),
      ],
      logged: [logged(1, 'a 1', 'a', 1), came(2, 'b'), logged(3, 'b 1', 'b', 1), logged(4, 'a 2', 'a', 2)],
      lives: [life('a', ['a 1', 'b 1', 'a 2']), life('b', ['b 1', 'a 2'], { joinedAt: 15 })],
      truths: [{ room, participants: ['a', 'b'], streams: ['s'] }],
      looks: [{ room, by: 'a', participants: ['b', 'a'], streams: ['s'] }],
      documents: [taken('e1', 1), taken('e1', 1), taken('e2', 2), taken('e1', 1, { outcome: 'refused' })],
      leases: [
        { room, holder: 'e1', token: 1 },
        { room, holder: 'e2', token: 2 },
      ],
    };
    expect(rules(parts)).toEqual([]);
  });

  it('passes when somebody left and heard no more, or has not heard everything yet', () => {
    const parts = {
      said: [said('1'), said('2')],
      logged: [logged(1, '1'), came(2, 'b', 'left'), logged(3, '2')],
      lives: [life('b', ['1']), life('c', ['1'], { complete: false }), life('d', [], { complete: false })],
    };
    expect(rules(parts)).toEqual([]);
  });

  it('asks of who came later only what was said after that was acknowledged', () => {
    const logs = [came(1, 'b'), logged(2, '1'), logged(3, '2')];
    const parts = (heard: readonly string[]) => ({
      said: [said('1', 'acknowledged', 'a', 10), said('2', 'acknowledged', 'a', 20)],
      logged: logs,
      lives: [life('b', heard, { joinedAt: 15 })],
    });
    expect(rules(parts(['2']))).toEqual([]);
    expect(rules(parts(['1', '2']))).toEqual([]);
    expect(rules(parts([]))).toEqual(['lost: b did not hear "2" (log entry 3)']);
  });
});

describe('a history with a fault is refused', () => {
  it('lost: what was acknowledged is not in the log', () => {
    expect(rules({ said: [said('1')] })).toEqual(['lost: "1" was acknowledged and is not in the log']);
    expect(rules({ said: [said('1', 'unknown')] })).toEqual([]);
  });

  it('lost: somebody who was there did not hear it', () => {
    const parts = { said: [said('1'), said('2')], logged: [logged(1, '1'), logged(2, '2')] };
    expect(rules({ ...parts, lives: [life('b', ['1'])] })).toEqual([
      'lost: b did not hear "2" (log entry 2)',
    ]);
    // Whoever heard what follows has missed it, complete or not.
    expect(rules({ ...parts, lives: [life('b', ['2'], { complete: false })] })).toEqual([
      'lost: b did not hear "1" (log entry 1)',
    ]);
  });

  it('lost: what was heard is not in the log', () => {
    expect(rules({ lives: [life('b', ['1'])] })).toEqual(['lost: b heard "1", which is not in the log']);
  });

  it('doubled: in the log, by text and by command', () => {
    expect(rules({ said: [said('1')], logged: [logged(1, '1', 'a', 1), logged(2, '1', 'a', 2)] })).toEqual([
      'doubled: "1" is in the log 2 times',
    ]);
    expect(
      rules({ logged: [logged(1, '1', 'a', 1), logged(2, '2', 'b', 1), logged(3, '3', 'a', 1)] }),
    ).toEqual(['doubled: command 1 of a is in the log after its command 1']);
    expect(rules({ logged: [logged(1, '1', 'a', 1), logged(1, '2', 'b', 1)] })).toEqual([
      'doubled: log entry 1 follows entry 1',
    ]);
  });

  it('doubled: done although it was refused', () => {
    expect(rules({ said: [said('1', 'refused')], logged: [logged(1, '1')] })).toEqual([
      'doubled: "1" was refused and is in the log',
    ]);
  });

  it('doubled: heard twice, unless the connection broke between and the protocol does not count', () => {
    const parts = { said: [said('1')], logged: [logged(1, '1')] };
    const [one, broke] = [{ text: '1' }, { broke: true }] as const;
    const doubled = ['doubled: b heard "1" twice'];
    expect(rules({ ...parts, lives: [life('b', ['1', '1'])] })).toEqual(doubled);
    expect(rules({ ...parts, lives: [life('b', [], { heard: [one, broke, one] })] })).toEqual([]);
    expect(rules({ ...parts, lives: [life('b', [], { heard: [one, broke, one, one] })] })).toEqual(doubled);
    expect(rules({ ...parts, lives: [life('b', [], { heard: [broke, one, one] })] })).toEqual(doubled);
  });

  it('reordered: two clients heard it in different orders', () => {
    const parts = { said: [said('1'), said('2')], logged: [logged(1, '1'), logged(2, '2')] };
    expect(rules({ ...parts, lives: [life('b', ['1', '2']), life('c', ['2', '1'])] })).toEqual([
      'reordered: c heard "1" after what follows it in the log',
    ]);
  });

  it('reordered: a client asked in another order than that of the log', () => {
    const parts = { said: [said('1'), said('2')], logged: [logged(1, '2', 'a', 2), logged(2, '1', 'a', 1)] };
    expect(rules(parts)).toEqual([
      'reordered: "2" was asked after "1" and is before it in the log',
      'reordered: command 1 of a is in the log after its command 2',
    ]);
  });

  it('told anew: the whole room instead of what was missed', () => {
    expect(rules({ lives: [life('b', [], { heard: [{ anew: true }] })] })).toEqual([
      'told anew: b was told the whole room instead of what it missed',
    ]);
  });

  it('ghost and missing: participants and streams', () => {
    const parts = {
      truths: [{ room, participants: ['a', 'b'], streams: ['s'] }],
      looks: [
        { room, by: 'a', participants: ['a', 'ghost'], streams: ['s', 't'] },
        { room, by: 'b', participants: ['a', 'b', 'ghost'], streams: [] },
      ],
    };
    expect(rules(parts)).toEqual([
      'ghost: participant ghost is seen by all 2',
      'missing: participant b is missed by a',
      'ghost: stream t is seen by a',
      'missing: stream s is missed by b',
    ]);
  });

  it('two owners: a worker takes a document of an earlier owner, one token of two, a token that falls', () => {
    expect(rules({ documents: [taken('e2', 2), taken('e1', 1)] })).toEqual([
      'two owners: w took a document of e1 after one of e2',
    ]);
    expect(rules({ documents: [taken('e2', 2), taken('e1', 1, { worker: 'v' })] })).toEqual([]);
    const late = { askedAt: 10, answeredAt: 30 };
    const between = { askedAt: 15, answeredAt: 20 };
    expect(rules({ documents: [taken('e2', 2, between), taken('e1', 1, late)] })).toEqual([]);
    expect(rules({ documents: [taken('e2', 2, between), taken('e1', 1, { ...late, askedAt: 20 })] })).toEqual(
      ['two owners: w took a document of e1 after one of e2'],
    );
    // What the later owner sent since makes no difference.
    const since = taken('e2', 2, { askedAt: 25, answeredAt: 28 });
    expect(rules({ documents: [taken('e2', 2, { answeredAt: 8 }), since, taken('e1', 1, late)] })).toEqual([
      'two owners: w took a document of e1 after one of e2',
    ]);
    expect(rules({ documents: [taken('e1', 1), taken('e2', 1)] })).toEqual([
      'two owners: e1 and e2 act with token 1',
    ]);
    const leases = [
      { room, holder: 'e1', token: 2 },
      { room, holder: 'e2', token: 1 },
    ];
    expect(rules({ leases })).toEqual(['two owners: e2 got token 1 after token 2']);
  });

  it('tells what is known of a ghost, and how those came by it who see it', () => {
    const [violation] = check(
      history({
        truths: [{ room, participants: ['a'], streams: [] }],
        looks: [
          { room, by: 'a', standing: 'open at e1', participants: ['a', 'g'], streams: [] },
          { room, by: 'b', standing: 'open at e2', participants: ['a'], streams: [] },
        ],
        story: (id) => [`${id} came at noon`],
      }),
    );
    expect(violation?.piece).toEqual(['g came at noon', 'a (open at e1) sees a g', 'there are a']);
  });

  it('shows the piece of history', () => {
    const [violation] = check(history({ said: [said('1')], logged: [logged(1, '1'), logged(2, '1', 'b')] }));
    expect(violation?.piece).toEqual(['log 1: a says 1', 'log 2: b says 1']);
  });
});
