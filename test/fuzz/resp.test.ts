// The fuzz target for the relay's door holds for a while, and can fail.
import { expect, it } from 'vitest';
import { respTarget } from './resp.ts';
import { seeded } from './seeded.ts';

it('holds for some rounds of one seed', async () => {
  await expect(Promise.resolve(respTarget.run(seeded(7), 500))).resolves.toBeUndefined();
});
