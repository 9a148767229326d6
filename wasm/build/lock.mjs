// Owns that only one build at a time works in the cache: a file that names the process which does.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const pollMs = 500;

/** Runs `work` while `path` exists in our name; waits for another living process that holds it. */
export async function withLock(path, work) {
  let told = false;
  while (!take(path)) {
    const owner = ownerOf(path);
    if (owner === undefined) rmSync(path, { force: true });
    else {
      if (!told) console.log(`  …    another process (${owner}) is building: waiting for it`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; undefined when it is gone. */
function ownerOf(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return error.code === 'EPERM' ? 'of another user' : undefined;
  }
}
