// Owns how a client is refused that comes back to a participation that is over.
import { SluiceError } from '../../schemas/error.ts';

/** SluiceError `not-found` with OWT's text. */
export function noSuchClient(cause?: unknown): SluiceError {
  return new SluiceError('not-found', 'Client does NOT exist', cause);
}
