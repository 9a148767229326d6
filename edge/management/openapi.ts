// Owns the OpenAPI 3.1 description of the management interface, made from its routes and schemas.
import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { errorCodes, type ErrorCode } from '../../schemas/error.ts';
import { restRoutes } from '../../schemas/rest.ts';
import { errorsOf, idsOf, type RestRoute } from '../../schemas/rest/route.ts';

type Json = Readonly<Record<string, unknown>>;

const security = [{ mauth: [] }];
const whoText = {
  anyone: '',
  service: '',
  'named-service': 'For the service itself and the super service.',
  'super-service': 'For the super service only.',
} as const;

const description = `The management interface of a Sluice server, compatible with that of the Open WebRTC Toolkit.

Every request is signed with the key of a service: \`Authorization: MAuth realm=…,mauth_signature_method=HMAC_SHA256,\
mauth_serviceid=<id>,mauth_cnonce=<nonce>,mauth_timestamp=<ms>,mauth_signature=<signature>\`, where the signature is the \
base64 of the lower-case hexadecimal HMAC-SHA256 of \`<timestamp>,<nonce>\` (with \`,<user>,<role>\` behind it when \
\`mauth_username\`, in base64, and \`mauth_role\` are given), keyed with the key as text.

Success is always 200. Errors have the body \`{"error": {"code", "message"}}\`; every reply names its request in \
\`X-Request-Id\`, as the audit log does. Bodies are JSON or url-encoded forms of at most 100 kB. Paths may end with a slash. \
\`/v1\` and \`/v1.1\` differ in streams only.`;

/** The whole document, a JSON value. */
export function openApi(routes: readonly RestRoute[] = restRoutes): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice management interface', version: '1.1', description },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        mauth: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'MAuth' },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { type: 'integer' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  };
}

function operation(route: RestRoute): Json {
  const { tag, access, summary, details, body } = route;
  const text = [details, whoText[access]].filter((each) => each !== undefined && each !== '').join(' ');
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(text === '' ? {} : { description: text }),
    ...(access === 'anyone' ? {} : { security }),
    parameters: [...idsOf(route).map(pathParameter), ...queryParameters(route)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: input(body.schema), example: body.example } },
          },
        }),
    responses: { ...reply(route), ...failures(errorsOf(route)) },
  };
}

/** `get.v1.rooms.room.streams`. */
function operationId({ method, path }: RestRoute): string {
  return [method.toLowerCase(), ...path.split('/').filter(Boolean)].join('.').replace(/[{}]/g, '');
}

function pathParameter(name: string): Json {
  const schema = { type: 'string', pattern: '^[0-9A-Za-z_-]+$' };
  return { name, in: 'path', required: true, schema };
}

function queryParameters({ query = {} }: RestRoute): readonly Json[] {
  return Object.entries(query).map(([name, { schema, meaning }]) => ({
    name,
    in: 'query',
    description: meaning,
    schema: input(schema),
  }));
}

function reply({ reply: given, summary }: RestRoute): Json {
  const ok = { description: summary };
  if (given.type === 'empty') return { 200: { ...ok, description: 'Done; the body is empty' } };
  if (given.type === 'text') {
    const schema = { type: 'string' };
    return { 200: { ...ok, content: { 'text/plain': { schema, example: given.example } } } };
  }
  const example = given.example === undefined ? {} : { example: given.example };
  return { 200: { ...ok, content: { 'application/json': { schema: output(given.schema), ...example } } } };
}

/** Several codes may share a status: OpenAPI has one reply for each status. */
function failures(codes: readonly ErrorCode[]): Json {
  const numbers = new Map<number, Set<number>>();
  for (const { httpStatus, restCode } of codes.map((code) => errorCodes[code]))
    numbers.set(httpStatus, (numbers.get(httpStatus) ?? new Set()).add(restCode));
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const entries = [...numbers].map(
    ([status, same]) => [String(status), { description: `Code ${[...same].join(' or ')}`, content }] as const,
  );
  return Object.fromEntries(entries);
}

/** What a schema checks beyond JSON Schema's means, the routes' texts say. */
function converted(schema: v.GenericSchema, typeMode: 'input' | 'output'): JsonSchema {
  return toJsonSchema(schema, {
    errorMode: 'ignore',
    target: 'draft-2020-12',
    typeMode,
    overrideSchema: ({ valibotSchema }) =>
      isEither(valibotSchema)
        ? { anyOf: [false, {}].map((value) => plain(converted(valibotSchema.getter(value), typeMode))) }
        : undefined,
  });
}

/** Ours are lazy only where the value decides between `false` and an object. */
function isEither(schema: object): schema is v.LazySchema<v.GenericSchema> {
  return 'type' in schema && schema.type === 'lazy';
}

function input(schema: v.GenericSchema): Json {
  return { ...plain(converted(schema, 'input')) };
}

function output(schema: v.GenericSchema): Json {
  return { ...plain(converted(schema, 'output')) };
}

/** The document says once which JSON Schema it means. */
function plain({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
