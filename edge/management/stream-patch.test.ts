import { describe, expect, it } from 'vitest';
import { readStreamPatch } from './stream-patch.ts';

const add = (value: unknown) => ({ op: 'add', path: '/info/inViews', value });
const status = (kind: string, value: unknown) => ({ op: 'replace', path: `/media/${kind}/status`, value });
const layout = (value: unknown) => ({ op: 'replace', path: '/info/layout', value });
const place = (index: unknown, value: unknown = 's1') => ({
  op: 'replace',
  path: `/info/layout/${String(index)}/stream`,
  value,
});
const region = (id: string, area: object = {}) => ({
  id,
  shape: 'rectangle',
  area: { left: '0', top: '0/1', width: '1/2', height: '1', ...area },
});

describe('readStreamPatch', () => {
  it.each([
    [[], []],
    [[add('common')], [{ type: 'mix', view: 'common' }]],
    [[{ ...add('common'), op: 'remove' }], [{ type: 'unmix', view: 'common' }]],
    [[status('audio', 'inactive')], [{ type: 'set-status', media: 'audio', status: 'inactive' }]],
    [[status('video', 'active')], [{ type: 'set-status', media: 'video', status: 'active' }]],
    [[place(0)], [{ type: 'set-region', index: 0, stream: 's1' }]],
    [[place(12)], [{ type: 'set-region', index: 12, stream: 's1' }]],
    [
      [layout([{ stream: 's1', region: region('1') }, { region: region('2') }])],
      [
        {
          type: 'set-layout',
          layout: [{ stream: 's1', region: region('1') }, { region: region('2') }],
        },
      ],
    ],
  ])('reads %j', (body, operations) => {
    expect(readStreamPatch(body)).toEqual(operations);
  });

  it('puts mutes behind all others and keeps the order otherwise', () => {
    const body = [status('audio', 'inactive'), add('a'), status('video', 'active'), place(1), add('b')];
    expect(readStreamPatch(body).map((each) => ('view' in each ? each.view : each.type))).toEqual([
      'a',
      'set-region',
      'b',
      'set-status',
      'set-status',
    ]);
  });

  it.each([
    ['no list', {}],
    ['an element that is none', [null]],
    ['an unknown path', [{ op: 'replace', path: '/id', value: 'x' }]],
    ['a path of another kind', [{ op: 'replace', path: 7, value: 'x' }]],
    ['a missing path', [{ op: 'replace', value: 'x' }]],
    ['a missing value', [{ op: 'add', path: '/info/inViews' }]],
    ['a missing layout', [{ op: 'replace', path: '/info/layout' }]],
    ['a fourth member', [{ ...add('common'), from: '' }]],
    ['another operation on views', [{ ...add('common'), op: 'replace' }]],
    ['another operation on a status', [{ ...status('audio', 'active'), op: 'add' }]],
    ['another operation on a layout', [{ ...layout([{ region: region('1') }]), op: 'add' }]],
    ['another operation on a region', [{ ...place(0), op: 'add' }]],
    ['a view that is no text', [add(['common'])]],
    ['an empty view', [add('')]],
    ['a view of any length', [add('x'.repeat(10_000))]],
    ['an unknown status', [status('audio', 'loud')]],
    ['an unknown kind', [status('av', 'active')]],
    ['a negative index', [place(-1)]],
    ['an index with a sign', [place('+1')]],
    ['an index with zeros before it', [place('01')]],
    ['a fraction of an index', [place(0.5)]],
    ['an index beyond any layout', [place(1000)]],
    ['a path that goes on', [{ ...place(0), path: '/info/layout/0/stream/' }]],
    ['a stream that is no text', [place(0, 7)]],
    ['an empty layout', [layout([])]],
    ['more than can be done', Array.from({ length: 1001 }, () => add('common'))],
    ['one bad element among good ones', [add('common'), status('audio', 'loud')]],
  ])('refuses %s', (_, body) => {
    expect(() => readStreamPatch(body)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^Invalid update: ./) as string,
      }),
    );
  });

  it.each([
    [
      'a hole',
      [{ region: region('1') }, { stream: 's1', region: region('2') }],
      'Stream ID hole is not allowed',
    ],
    [
      'a stream twice',
      [
        { stream: 's1', region: region('1') },
        { stream: 's1', region: region('2') },
      ],
      'Stream ID duplicates',
    ],
    ['a region twice', [{ region: region('1') }, { region: region('1') }], 'Invalid region'],
    ['a decimal', [{ region: region('1', { left: '0.5' }) }], 'Invalid region'],
    ['more than the whole', [{ region: region('1', { width: '3/2' }) }], 'Invalid region'],
    ['a circle', [{ region: { ...region('1'), shape: 'circle' } }], 'Invalid region'],
  ])('rest-api#25 refuses a layout with %s', (_, value, reason) => {
    expect(() => readStreamPatch([layout(value)])).toThrow(`Invalid update: ${reason}`);
  });

  it('tells the reason in bounded length', () => {
    const body = [{ op: 'replace', path: 'x'.repeat(50_000), value: 1 }];
    let message = '';
    try {
      readStreamPatch(body);
    } catch (error) {
      if (error instanceof Error) ({ message } = error);
    }
    expect(message.length).toBeGreaterThan(10);
    expect(message.length).toBeLessThanOrEqual(300);
  });
});
