// Owns how the commands of this folder take their options: what they ask for, or a word on how they are used.
import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The options this process was started with. `--help` prints `usage` and ends it with 0; what is no option of it is named
 * above the usage and ends it with 2.
 */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: T,
) {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
