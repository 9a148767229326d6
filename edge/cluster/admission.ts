// Owns how full a worker may be to be given one more task. Pure.
import { millionths } from './load-estimate.ts';

/**
 * The load, in millionths, below which a worker takes one more task: its own limit. Where it has measured what a task costs
 * it takes only what still fits below that.
 */
export function admissionLimit(maxLoad: number, cost: number | undefined): number {
  const most = millionths(Math.min(1, maxLoad));
  return cost === undefined ? most : most - millionths(cost) + 1;
}
