import { describe, expect, it } from 'vitest';
import { FramerateLimit } from './framerate-limit.ts';

/** Runs so many seconds at the limit's framerate; work is in ms per picture, and ms per second that does not depend on it. */
class Machine {
  readonly limit = new FramerateLimit();
  nowMs = 0;
  changes = 0;

  run(seconds: number, wanted: number, pictureMs: number, decodeMsPerSecond: number): number {
    const endMs = this.nowMs + seconds * 1000;
    while (this.nowMs < endMs) {
      const framerate = this.limit.of(wanted);
      if (this.limit.note(this.nowMs, wanted, decodeMsPerSecond / framerate, pictureMs)) this.changes++;
      this.nowMs += 1000 / framerate;
    }
    return this.limit.of(wanted);
  }
}

describe('FramerateLimit', () => {
  it('leaves alone what fits', () => {
    const machine = new Machine();
    expect(machine.run(30, 30, 20, 200)).toBe(30);
    expect(machine.changes).toBe(0);
  });

  it('goes down a step each second until the work fits', () => {
    const machine = new Machine();
    const seen = [1, 2, 3, 4, 5, 6].map(() => machine.run(1.1, 30, 40, 200));
    expect(seen.slice(0, 3)).toEqual([24, 20, 15]);
    expect(new Set(seen.slice(3))).toEqual(new Set([15]));
  });

  it('never goes below the lowest step', () => {
    expect(new Machine().run(60, 30, 500, 0)).toBe(5);
  });

  it('is not disturbed by a single long picture', () => {
    const machine = new Machine();
    machine.run(5, 30, 10, 100);
    machine.limit.note(machine.nowMs, 30, 0, 150);
    expect(machine.run(2, 30, 10, 100)).toBe(30);
  });

  it('comes back step by step when there is room, after waiting', () => {
    const machine = new Machine();
    machine.run(4.5, 30, 60, 200);
    expect(machine.limit.of(30)).toBe(12);
    expect(machine.run(2, 30, 10, 200)).toBe(12);
    expect(machine.run(2.5, 30, 10, 200)).toBe(15);
    expect(machine.run(15, 30, 10, 200)).toBe(30);
  });

  it('does not come back while the next step would not fit', () => {
    const machine = new Machine();
    machine.run(5, 30, 40, 200);
    expect(machine.run(60, 30, 40, 200)).toBe(15);
  });

  it('waits longer each time that a step up was too high', () => {
    const machine = new Machine();
    // Looks like room at 20, and is none at 24: what a neighbour does to us.
    for (let second = 0; second < 120; second++) {
      machine.run(1, 30, machine.limit.of(30) > 20 ? 45 : 20, 0);
    }
    expect(machine.changes).toBeLessThan(20);
  });

  it('counts what does not depend on the framerate as such', () => {
    const machine = new Machine();
    machine.run(3.5, 30, 10, 900);
    const held = machine.limit.of(30);
    expect(machine.run(30, 30, 2, 690)).toBe(held);
    expect(machine.run(60, 30, 2, 300)).toBe(30);
  });

  it('holds a slower view to what it wants', () => {
    const machine = new Machine();
    machine.run(1.1, 30, 40, 0);
    expect(machine.limit.of(12)).toBe(12);
  });
});
