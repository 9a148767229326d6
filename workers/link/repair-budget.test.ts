import { describe, expect, it } from 'vitest';
import { RepairBudget } from './repair-budget.ts';

const taken = (budget: RepairBudget, tries: number, nowMs: number): number =>
  Array.from({ length: tries }, () => budget.take(nowMs)).filter(Boolean).length;

describe('the repairs of a link', () => {
  it('are a hundred without anything sent, and as many again within a second', () => {
    const budget = new RepairBudget();
    expect(taken(budget, 500, 1000)).toBe(100);
    expect(budget.refused).toBe(400);
    expect(taken(budget, 500, 1500)).toBe(50);
    expect(taken(budget, 500, 60_000)).toBe(100);
  });

  it('are one for every two packets sent first-hand', () => {
    const budget = new RepairBudget();
    for (let packet = 0; packet < 1000; packet++) budget.sent();
    expect(taken(budget, 5000, 1000)).toBe(600);
  });

  it('are not saved up without bound', () => {
    const budget = new RepairBudget();
    for (let packet = 0; packet < 1_000_000; packet++) budget.sent();
    expect(taken(budget, 5000, 1000)).toBe(2000);
  });
});
