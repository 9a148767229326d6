// Owns what the page knows of the interface: its operations, read from the OpenAPI description, and which of them a
// search finds. Pure.
import * as v from 'valibot';
import { shapeOf, type Shape } from './shape.ts';

const content = v.optional(
  v.record(v.string(), v.object({ schema: v.unknown(), example: v.optional(v.unknown()) })),
);
const operationSchema = v.object({
  operationId: v.string(),
  tags: v.array(v.string()),
  summary: v.string(),
  description: v.optional(v.string(), ''),
  security: v.optional(v.array(v.unknown()), []),
  parameters: v.array(
    v.object({
      name: v.string(),
      in: v.picklist(['path', 'query']),
      description: v.optional(v.string(), ''),
      schema: v.unknown(),
    }),
  ),
  requestBody: v.optional(v.object({ content })),
  responses: v.record(v.string(), v.object({ description: v.string(), content })),
});
const documentSchema = v.object({
  info: v.object({ title: v.string(), description: v.string() }),
  tags: v.array(v.object({ name: v.string() })),
  paths: v.record(v.string(), v.record(v.string(), operationSchema)),
});

export interface Part {
  /** Media type. */
  readonly type: string;
  readonly shape: Shape;
  readonly example?: unknown;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  /** `v1`, `v1.1`, or none for what has no version. */
  readonly version: string;
  readonly summary: string;
  readonly description: string;
  readonly signed: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly where: string;
    readonly meaning: string;
    readonly shape: Shape;
  }[];
  readonly body?: Part;
  /** Absent when the body is empty. */
  readonly reply?: Part;
  readonly failures: readonly { readonly status: string; readonly meaning: string }[];
}

export interface Description {
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly operations: readonly Operation[];
}

/** Throws when it is no OpenAPI document of ours. */
export function readDescription(json: unknown): Description {
  const { info, tags, paths } = v.parse(documentSchema, json);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => read(method, path, operation)),
  );
  return { title: info.title, text: info.description, tags: tags.map(({ name }) => name), operations };
}

function read(method: string, path: string, operation: v.InferOutput<typeof operationSchema>): Operation {
  const {
    operationId: id,
    tags,
    summary,
    description,
    security,
    parameters,
    requestBody,
    responses,
  } = operation;
  const body = partOf(requestBody?.content);
  const reply = partOf(responses['200']?.content);
  return {
    id,
    method: method.toUpperCase(),
    path,
    tag: tags[0] ?? '',
    version: /^\/(v[\d.]+)\//.exec(path)?.[1] ?? '',
    summary,
    description,
    signed: security.length > 0,
    parameters: parameters.map(({ name, in: where, description: meaning, schema }) => ({
      ...{ name, where, meaning },
      shape: shapeOf(schema),
    })),
    ...(body === undefined ? {} : { body }),
    ...(reply === undefined ? {} : { reply }),
    failures: Object.entries(responses)
      .filter(([status]) => status !== '200')
      .map(([status, { description: meaning }]) => ({ status, meaning })),
  };
}

function partOf(found: v.InferOutput<typeof content>): Part | undefined {
  const [entry] = Object.entries(found ?? {});
  if (entry === undefined) return undefined;
  const [type, { schema, example }] = entry;
  return { type, shape: shapeOf(schema), ...(example === undefined ? {} : { example }) };
}

/** Whether each word of a search is somewhere in the operation's name, path, group or texts. */
export function isFound(operation: Operation, search: string): boolean {
  const { method, path, tag, summary, description } = operation;
  const text = `${method} ${path} ${tag} ${summary} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** A command that asks for it. Single quotes in the body are written as a shell wants them. */
export function commandOf({ method, path, signed, body }: Operation, origin: string): string {
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${origin}${path}'`,
    ...(signed ? [`-H "Authorization: $MAUTH"`] : []),
    ...(body === undefined
      ? []
      : [
          "-H 'Content-Type: application/json'",
          `-d '${JSON.stringify(body.example).replaceAll("'", "'\\''")}'`,
        ]),
  ];
  return parts.join(' \\\n  ');
}
