import { Validator } from '@seriousme/openapi-schema-validator';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { restRoutes } from '../../schemas/rest.ts';
import { idsOf } from '../../schemas/rest/route.ts';
import { openApi } from './openapi.ts';

interface Schema {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

describe('the OpenAPI description', () => {
  const document = structuredClone(openApi());

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('fails when it is not', async () => {
    const broken = { ...document, paths: { '/v1/rooms': { get: { responses: { 200: {} } } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('is the same text each time, and plain data', () => {
    expect(JSON.stringify(openApi())).toBe(JSON.stringify(document));
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('has every route once, each with an id of its own', () => {
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>;
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
    );
    expect(operations).toHaveLength(restRoutes.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(restRoutes.length);
  });

  it.each(restRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'says of %s what it takes and gives, with an example that passes',
    (_, route) => {
      const paths = document.paths as Record<string, Record<string, unknown>>;
      const operation = paths[route.path]?.[route.method.toLowerCase()] as {
        parameters: readonly { name: string; in: string }[];
        requestBody?: { content: Record<string, { schema: Schema }> };
        responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
      };
      const named = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      expect(named).toEqual(idsOf(route));
      if (route.body !== undefined) {
        expect(v.safeParse(route.body.schema, route.body.example).issues).toBeUndefined();
        const schema = operation.requestBody?.content['application/json']?.schema;
        expect(schema?.type ?? schema?.anyOf ?? schema?.oneOf).toBeDefined();
      }
      if (route.reply.type === 'json') {
        const schema = operation.responses['200']?.content?.['application/json']?.schema;
        expect(schema?.type ?? schema?.anyOf ?? schema?.oneOf).toBeDefined();
        if (route.reply.example !== undefined)
          expect(v.safeParse(route.reply.schema, route.reply.example).issues).toBeUndefined();
      }
      expect(Object.keys(operation.responses).includes('401')).toBe(route.access !== 'anyone');
    },
  );
});
