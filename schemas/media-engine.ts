// Owns the names of what makes pictures, and the form of an order of them. What each is: deploy/GPU.md.
import * as v from 'valibot';

export const mediaEngines = ['vaapi', 'qsv', 'cpu', 'wasm'] as const;
export type MediaEngineId = (typeof mediaEngines)[number];

/** The preferred one first; those that are not named are not to be used. */
export const mediaEngineOrderSchema = v.pipe(
  v.array(v.picklist(mediaEngines, `must be some of ${mediaEngines.join(', ')}`)),
  v.nonEmpty('must name at least one engine'),
  v.check((names) => new Set(names).size === names.length, 'names an engine twice'),
);
export type MediaEngineOrder = readonly MediaEngineId[];
