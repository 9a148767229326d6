// Owns patience in tests: on a busy machine Redis may be without a processor for longer than an edge waits.
import { SluiceError } from '../../../schemas/error.ts';

const tries = 20;

/** Does again what failed with `unavailable`; what it does must not mind being done twice. */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await act();
    } catch (error) {
      if (left <= 1 || !(error instanceof SluiceError) || error.code !== 'unavailable') throw error;
    }
  }
}
