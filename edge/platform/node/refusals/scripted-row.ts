// Owns the shape of a row in the table of refusals, and what several rows say.
import type { Stage } from './scripted-stage.ts';
import type { ScriptedServerOptions } from '../scripted-server.ts';
import type { Answer, Speaker } from '../scripted-speaker.ts';

export interface RefusalRow {
  readonly request: string;
  readonly text: string | RegExp;
  readonly when: string;
  /** Where only one protocol has it. */
  readonly only?: Speaker['protocol'];
  /** Whether the server then ends the connection. */
  readonly ends?: true;
  readonly server?: () => ScriptedServerOptions;
  readonly play: (stage: Stage) => Promise<Answer>;
}

export const seconds = 1000;

export const mixes = (): ScriptedServerOptions => ({ mixes: true });

export const limited = (room: NonNullable<ScriptedServerOptions['room']>) => (): ScriptedServerOptions => ({
  mixes: true,
  room,
});

/** Why a source cannot serve a track of that kind. */
export const unsatisfied = (kind: string, why: string) => `Target ${kind} stream does NOT satisfy:${why}`;
