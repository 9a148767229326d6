import { expect, it } from 'vitest';
import { shapeOf } from './shape.ts';

const leaf = { notes: [], members: [], choices: [] };

it.each([
  [{ type: 'string' }, { ...leaf, type: 'string' }],
  [{}, { ...leaf, type: 'anything' }],
  [true, { ...leaf, type: 'anything' }],
  [{ const: false }, { ...leaf, type: 'false' }],
  [{ enum: ['a', 1] }, { ...leaf, type: '"a" | 1' }],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, { ...leaf, type: 'string | null' }],
  [
    { type: 'integer', minimum: 1, maximum: 9, default: 3 },
    { ...leaf, type: 'integer', notes: ['at least 1', 'at most 9', 'default 3'] },
  ],
  [
    { type: 'array', maxItems: 2, items: { type: 'string', minLength: 1 } },
    { ...leaf, type: 'list of string', notes: ['at most 2 entries', 'not empty'] },
  ],
])('%j reads so', (schema, shape) => {
  expect(shapeOf(schema)).toEqual(shape);
});

it('tells members, what is needed of them, and several forms', () => {
  const name = { name: 'name', required: true, shape: { ...leaf, type: 'string' } };
  const object = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  expect(shapeOf(object)).toEqual({ ...leaf, type: 'object', members: [name] });
  expect(shapeOf({ type: 'array', items: object })).toEqual({
    ...leaf,
    type: 'list of object',
    members: [name],
  });
  expect(shapeOf({ anyOf: [{ const: false }, object] })).toEqual({
    ...leaf,
    type: 'false | object',
    choices: [shapeOf({ const: false }), shapeOf(object)],
  });
  const named = shapeOf({ type: 'object', additionalProperties: { type: 'number' } });
  expect(named.members).toEqual([{ name: '…', required: false, shape: { ...leaf, type: 'number' } }]);
});
