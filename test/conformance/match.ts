// Owns which test covers which acceptance check: a test does by carrying `<file>#<number>` in its name. Running the
// tests and printing the table is main.ts.

export interface TestResult {
  /** Describe blocks and title, joined by spaces. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
}

export interface CheckResult {
  /** `<file>#<number>`. */
  readonly id: string;
  readonly text: string;
  readonly tests: readonly TestResult[];
  /** Failed when one of its tests failed, missing when no test ran. */
  readonly status: 'passed' | 'failed' | 'missing';
}

/** Every check with the tests that name it, in the order of the lists. */
export function matchChecks(
  lists: Readonly<Record<string, readonly string[]>>,
  tests: readonly TestResult[],
): readonly CheckResult[] {
  return Object.entries(lists).flatMap(([file, texts]) =>
    texts.map((text, index) => {
      const id = `${file}#${index + 1}`;
      const named = new RegExp(`${id}(?!\\d)`);
      const own = tests.filter(({ name }) => named.test(name));
      const ran = own.filter(({ status }) => status !== 'skipped');
      const failed = ran.some(({ status }) => status === 'failed');
      return { id, text, tests: own, status: failed ? 'failed' : ran.length > 0 ? 'passed' : 'missing' };
    }),
  );
}

/** Ids in test names that no list has, so that a typing mistake does not pass for a covered check. */
export function unknownIds(
  lists: Readonly<Record<string, readonly string[]>>,
  tests: readonly TestResult[],
): readonly string[] {
  const files = Object.keys(lists).join('|');
  const ids = tests.flatMap(({ name }) => name.match(new RegExp(`\\b(${files})#\\d+`, 'g')) ?? []);
  return [...new Set(ids)].filter((id) => {
    const [file = '', number] = id.split('#');
    return lists[file]?.[Number(number) - 1] === undefined;
  });
}
