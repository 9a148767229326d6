// Owns the reading of a server program's arguments.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { SettingsError } from './settings.ts';

/** The values of `--name value` among the arguments of this process. Throws SettingsError that names what there is. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  args?: string[],
) {
  try {
    return parseArgs({ options, ...(args && { args }) }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new SettingsError(`${error.message}; there are ${known.join(', ')}`, { cause: error });
  }
}
