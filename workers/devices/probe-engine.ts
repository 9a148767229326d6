// Owns having an engine tried in a process of its own, within a time: a broken driver may hang or end it.
import { fork } from 'node:child_process';
import * as v from 'valibot';
import { engineReportSchema, type EngineReport } from './engine-report.ts';
import type { EngineSubject } from './engine-subject.ts';

export interface ProbeOptions {
  /** The bundled probe-program.ts. */
  readonly program: string;
  readonly deadlineMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Of what the process writes, which says why it died. */
const mostWords = 400;

/** Never rejects. A process that cannot even be killed, as one waiting for a driver, is left alone. */
export function probeEngine(subject: EngineSubject, options: ProbeOptions): Promise<EngineReport> {
  const { program, deadlineMs, env = process.env } = options;
  return new Promise((resolve) => {
    let words = '';
    let report: EngineReport | undefined;
    const child = fork(program, [], {
      execArgv: [],
      env: { ...env, LIBVA_MESSAGING_LEVEL: '1', SLUICE_PROBE: JSON.stringify(subject) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const end = (reason: string): void => {
      clearTimeout(timer);
      const said = words.trim().split('\n').at(-1) ?? '';
      resolve(
        report ?? { outcome: 'fails', ...subject, reason: said === '' ? reason : `${reason}: ${said}` },
      );
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      if (child.connected) child.disconnect();
      child.stderr?.destroy();
      child.unref();
      end(`it did not answer within ${deadlineMs / 1000} s`);
    }, deadlineMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-mostWords);
    });
    child.on('message', (message) => {
      const parsed = v.safeParse(engineReportSchema, message);
      if (parsed.success) report = parsed.output;
    });
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) =>
      end(
        signal === null ? `its process ended with code ${code ?? '?'}` : `it ended its process (${signal})`,
      ),
    );
  });
}
