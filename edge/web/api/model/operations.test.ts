import { describe, expect, it } from 'vitest';
import { restRoutes } from '../../../../schemas/rest.ts';
import { openApi } from '../../../management/openapi.ts';
import { commandOf, isFound, readDescription } from './operations.ts';

const description = readDescription(JSON.parse(JSON.stringify(openApi())));
const named = (id: string) => {
  const found = description.operations.find((operation) => operation.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

describe('the description as the page reads it', () => {
  it('has every route, with its group and version', () => {
    expect(description.operations).toHaveLength(restRoutes.length);
    expect(description.tags).toEqual([...new Set(description.operations.map(({ tag }) => tag))]);
    expect(named('get.v1.1.rooms.room')).toMatchObject({ version: 'v1.1', tag: 'Rooms', signed: true });
    expect(named('get.services')).toMatchObject({ version: '' });
    expect(named('get.openapi.json').signed).toBe(false);
  });

  it('is found by words, in any order and case', () => {
    const operation = named('delete.v1.rooms.room.participants.participant');
    for (const search of ['', 'drop', 'PARTICIPANTS delete', 'v1/rooms drop'])
      expect(isFound(operation, search), search).toBe(true);
    for (const search of ['v1.1', 'drop stream x']) expect(isFound(operation, search), search).toBe(false);
  });

  it('becomes a command that a shell can run', () => {
    const { body: _, ...token } = named('post.v1.rooms.room.tokens');
    const shape = { type: '', notes: [], members: [], choices: [] };
    const body = { type: 'application/json', shape, example: { user: "d'A" } };
    expect(commandOf({ ...token, body }, 'http://e')).toBe(
      `curl -X POST 'http://e/v1/rooms/{room}/tokens' \\
  -H "Authorization: $MAUTH" \\
  -H 'Content-Type: application/json' \\
  -d '{"user":"d'\\''A"}'`,
    );
    expect(commandOf(named('get.openapi.json'), 'http://e')).toBe("curl 'http://e/openapi.json'");
  });

  it('refuses what is something else', () => {
    expect(() => readDescription({ openapi: '3.1.0' })).toThrow();
  });
});
