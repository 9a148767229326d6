import { describe, expect, it } from 'vitest';
import { DocumentSplitter, type Found } from './document-splitter.ts';

/** Everything found, with the text fed in pieces of `size`. */
function split(text: string, size = 7, maxChars?: number): readonly Found[] {
  const splitter = new DocumentSplitter(maxChars);
  const found: Found[] = [];
  for (let at = 0; at < text.length; at += size) found.push(...splitter.push(text.slice(at, at + size)));
  return [...found, ...splitter.end()];
}

const a = { _id: { $oid: 'a' }, name: 'curly { and " and \\ and [', views: [{ label: 'x' }, {}] };
const b = { _id: 'b', nested: [[], [{}]] };

describe('documents are found', () => {
  it.each([
    ['one a line', `${JSON.stringify(a)}\n${JSON.stringify(b)}\n`, [1, 2]],
    ['in one line', JSON.stringify([a, b]), [1, 1]],
    ['in a list as mongoexport writes it', `[${JSON.stringify(a)},\n${JSON.stringify(b)}]\n`, [1, 2]],
    ['in a list over many lines', JSON.stringify([a, b], undefined, 2), [2, 14]],
    [
      'over many lines each',
      `${JSON.stringify(a, undefined, 2)}\n\n${JSON.stringify(b, undefined, 2)}`,
      [1, 14],
    ],
    [
      'behind a byte order mark and Windows line ends',
      `\uFEFF${JSON.stringify(a)}\r\n${JSON.stringify(b)}`,
      [1, 2],
    ],
  ])('%s', (_, text, lines) => {
    for (const size of [1, 7, 10_000]) {
      expect(split(text, size)).toEqual([
        { line: lines[0], value: a },
        { line: lines[1], value: b },
      ]);
    }
  });

  it.each(['', '\n\n', '[]', '[\n]\n'])('nowhere in %j', (text) => {
    expect(split(text)).toEqual([]);
  });
});

describe('what cannot be read is told with its lines, and the rest is read', () => {
  const good = JSON.stringify(b);
  const at = (line: number) => ({ line, value: b });
  it.each([
    [
      'a line that is cut off',
      `${good}\n{"name":"x","views":[{\n${good}`,
      [at(1), [2, 2, 'it does not end'], at(3)],
    ],
    [
      'a text that does not end',
      `${good}\n{"name":"x\n${good}`,
      [at(1), [2, 2, 'a text in it does not end'], at(3)],
    ],
    ['a comma too many', `{"a":1,}\n${good}`, [[1, 1, 'not JSON'], at(2)]],
    [
      'the shell’s own form',
      `{"_id": ObjectId("65")}\n${good}`,
      [[1, 1, 'not JSON: export it with mongoexport'], at(2)],
    ],
    [
      'words before the documents',
      `connected to: localhost\nexported 2 records\n${good}`,
      [[1, 2, 'not a JSON document'], at(3)],
    ],
    ['a list’s line that is broken', `[${good},\n{"a":,\n${good}]`, [at(1), [2, 2, 'not JSON'], at(3)]],
    ['a document cut off at the end', `${good}\n{"a":[1,\n2`, [at(1), [2, 3, 'it does not end']]],
    [
      'a printed document with a broken text in it',
      `{\n "a": "x\n "b": {\n }\n}\n${good}`,
      [[1, 5, 'a text in it does not end'], at(6)],
    ],
    ['numbers alone', `1\n2\n${good}`, [[1, 2, 'not a JSON document'], at(3)]],
  ] as const)('%s', (_, text, expected) => {
    for (const size of [1, 5, 10_000]) {
      const found = split(text, size);
      expect(found).toHaveLength(expected.length);
      for (const [index, each] of expected.entries()) {
        if ('value' in each) expect(found[index]).toEqual(each);
        else {
          const [line, lastLine, problem] = each;
          expect(found[index]).toMatchObject({
            line,
            lastLine,
            problem: expect.stringContaining(problem) as string,
          });
        }
      }
    }
  });

  it('a document without end, which is not kept', () => {
    const long = `{"a":"${'x'.repeat(5000)}`;
    expect(split(`${long}\n${good}`, 100, 1000)).toEqual([
      { line: 1, lastLine: 1, problem: 'too long for one document' },
      at(2),
    ]);
    expect(split('['.repeat(5000), 100, 1000)).toEqual([]);
    expect(split(`{"a":${'['.repeat(5000)}`, 100, 1000)).toHaveLength(1);
  });
});
