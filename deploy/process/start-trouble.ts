// Owns what a person is told when a program of ours cannot start: in one line or two what to do, without a stack.
import { SluiceError } from '../../schemas/error.ts';
import { SettingsError } from '../settings/settings.ts';
import { explainListenError } from './listen-error.ts';

/** Undefined when `error` is a mistake of ours, which needs its stack. */
export function startTrouble(error: unknown): string | undefined {
  // What only shows in use: an interface that is not there, a proxy's URL.
  const mistaken =
    error instanceof SettingsError || (error instanceof SluiceError && error.code === 'bad-request');
  if (mistaken) return `Configuration: ${error.message}`;
  const listening = explainListenError(error);
  if (listening !== undefined) return listening;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (error.code.startsWith('ERR_OSSL')) {
    return `Configuration: https.cert and https.key cannot be used (${error.message}): both must be PEM, and of each other`;
  }
  // A certificate, data_dir.
  return 'path' in error ? `Sluice cannot start: ${error.message}` : undefined;
}
