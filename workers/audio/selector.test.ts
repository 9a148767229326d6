import { describe, expect, it } from 'vitest';
import { AudioSelector } from './selector.ts';

/** A selector with three outputs, whose inputs are named by letters, as their streams and tracks are. */
class Scene {
  readonly selector = new AudioSelector();
  nowMs = 10_000;
  told: string[] = [];

  constructor(inputs: string) {
    this.configure(inputs);
  }

  /** Lower case: muted. */
  configure(inputs: string, outputs = 3): void {
    this.selector.configure({
      inputs: Array.from(inputs, (letter) => ({
        stream: letter.toUpperCase(),
        track: letter.toUpperCase(),
        format: { codec: 'opus' },
        active: letter === letter.toUpperCase(),
      })),
      outputs: Array.from({ length: outputs }, (_, at) => `active-audio-${at}`),
    });
  }

  /** For so long packets come every 20 ms; `levels` like `A-30 B-50`, all others are silent. `A?` does not tell. */
  speak(levels: string, ms = 1000): string {
    const spoken = new Map(levels.split(' ').map((word) => [word.slice(0, 1), word.slice(1)]));
    for (let passed = 0; passed < ms; passed += 20) {
      for (const [track, level] of spoken) {
        this.selector.heard(track, level === '?' ? undefined : Number(level), this.nowMs);
      }
      this.rank();
      this.nowMs += 20;
    }
    return this.told.at(-1) ?? '';
  }

  rank(): void {
    const selected = this.selector.rank(this.nowMs);
    if (selected === undefined) return;
    this.told.push(
      selected
        .map(({ input, volume }) =>
          input === undefined ? '-' : `${input.stream}${volume === 'major' ? '!' : ''}`,
        )
        .join(' '),
    );
  }
}

describe('an audio selector', () => {
  it.each([
    ['fills its outputs with whoever there is', 'AB', ['A-127 B-127'], 'A B -'],
    ['has the loudest three of many', 'ABCDE', ['A-60 B-30 C-35 D-127 E-20'], 'E! B C'],
    ['says who is loudest', 'ABC', ['A-40 B-25 C-33'], 'B! C A'],
    [
      'keeps who speaks in its place when another becomes louder',
      'ABC',
      ['A-25 B-40', 'A-40 B-25'],
      'A B! C',
    ],
    ['gives the place of the quietest to who begins', 'ABCD', ['A-30 B-35 C-45', 'A-30 B-35 D-25'], 'A B D!'],
    ['is not swayed by a little', 'ABC', ['A-30 B-40', 'A-30 B-28'], 'A! B C'],
    ['remembers who spoke last', 'ABC', ['A-40 B-25', 'A-127 B-127'], 'B! A C'],
    ['does not take hiss for speech', 'ABCD', ['A-30 B-30 C-30', 'A-30 B-30 C-30 D-58'], 'A! B C'],
    ['takes those who do not tell when there is room', 'ABCD', ['A-30 B? C? D?'], 'A! B C'],
    ['prefers those who speak to those who do not tell', 'ABCD', ['A? B? C?', 'A? B? C? D-30'], 'D! B C'],
  ])('%s', (_rule, inputs, spoken, expected) => {
    const scene = new Scene(inputs);
    let last = '';
    for (const levels of spoken) last = scene.speak(levels);
    expect(last).toBe(expected);
  });

  it('leaves out who is muted or gone, at once', () => {
    const scene = new Scene('ABCD');
    scene.speak('A-30 B-35 C-40 D-45');
    scene.configure('aBCD');
    expect(scene.speak('A-20 B-35 C-40 D-45', 220)).toBe('D B! C');
    scene.configure('aCD');
    expect(scene.speak('C-40 D-45', 220)).toBe('D - C!');
  });

  it('tells of changes at most every 200 ms', () => {
    const scene = new Scene('AB');
    for (let turn = 0; turn < 20; turn++) scene.speak(turn % 2 === 0 ? 'A-20' : 'B-20', 100);
    expect(scene.told.length).toBeLessThanOrEqual(10);
  });

  it('tells nothing while nothing changes', () => {
    const scene = new Scene('AB');
    scene.speak('A-30');
    const { length } = scene.told;
    scene.speak('A-30', 5000);
    expect(scene.told).toHaveLength(length);
  });

  it('has as many outputs as it is told', () => {
    const scene = new Scene('ABC');
    scene.speak('A-30 B-35 C-40');
    scene.configure('ABC', 1);
    expect(scene.speak('A-30 B-35 C-40', 220)).toBe('A!');
  });

  it('ignores packets of inputs it does not know', () => {
    const scene = new Scene('A');
    scene.selector.heard('Z', -10, scene.nowMs);
    expect(scene.speak('A-127')).toBe('A - -');
  });
});
