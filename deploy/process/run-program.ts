// Owns the end of a program of ours that cannot start.
import { startTrouble } from './start-trouble.ts';

/** Runs it. Where it fails, that is said, and the process ends with 1. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(startTrouble(error) ?? error);
    process.exit(1);
  }
}
