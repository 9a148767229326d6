// Owns what a person is told when a program of ours cannot start.
import { SettingsError } from '../settings/settings.ts';
import { explainListenError } from './listen-error.ts';

/** Runs it. Where it fails, that is said, and the process ends with 1. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof SettingsError) console.error(`Configuration: ${error.message}`);
    else console.error(explainListenError(error) ?? error);
    process.exit(1);
  }
}
