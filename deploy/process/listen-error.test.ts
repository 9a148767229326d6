// Owns the proof that trouble with ports is explained with what to do.
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { explainListenError } from './listen-error.ts';

async function listenError(port: number, host: string): Promise<unknown> {
  return new Promise((resolve) => {
    createServer().once('error', resolve).listen(port, host);
  });
}

it('says which port is taken and how to choose another', async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const address = taken.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const error = await listenError(port, '127.0.0.1');
  taken.close();
  expect(explainListenError(error)).toMatch(new RegExp(`port ${port} is taken[^]*SLUICE_PORT=`));
  expect(explainListenError(new Error('outer', { cause: error }))).toContain('is taken');
});

it('says that an address is not this machine’s', async () => {
  expect(explainListenError(await listenError(0, '192.0.2.1'))).toContain('SLUICE_HOST');
});

it('leaves other errors alone', () => {
  expect(explainListenError(new Error('no'))).toBeUndefined();
  expect(explainListenError('no')).toBeUndefined();
});
