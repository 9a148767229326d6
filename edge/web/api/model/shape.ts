// Owns how a JSON Schema is told to a reader: a type in words, what else holds, and what it is made of. Pure.

export interface Shape {
  readonly type: string;
  /** Bounds, defaults, patterns; each a short text. */
  readonly notes: readonly string[];
  /** Of an object, and of the entries of a list. */
  readonly members: readonly Member[];
  /** One of these, where there is more than one form. */
  readonly choices: readonly Shape[];
}

export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}

type Json = Readonly<Record<string, unknown>>;

/** How a schema reads; `anything` for one that says nothing. */
export function shapeOf(schema: unknown): Shape {
  if (!isRecord(schema)) return { type: 'anything', notes: [], members: [], choices: [] };
  const forms = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(forms)) return choice(forms.map(shapeOf));
  const notes = notesOf(schema);
  if ('const' in schema) return { type: JSON.stringify(schema.const), notes, members: [], choices: [] };
  if (Array.isArray(schema.enum)) {
    const type = schema.enum.map((each) => JSON.stringify(each)).join(' | ');
    return { type, notes, members: [], choices: [] };
  }
  if (schema.type === 'array') {
    const item = shapeOf(schema.items);
    return { ...item, type: `list of ${item.type}`, notes: [...notes, ...item.notes] };
  }
  const type = typeof schema.type === 'string' ? schema.type : 'anything';
  return { type, notes, members: membersOf(schema), choices: [] };
}

function choice(forms: readonly Shape[]): Shape {
  const plain = forms.every(
    ({ members, choices, notes }) => members.length + choices.length + notes.length === 0,
  );
  const type = [...new Set(forms.map((form) => form.type))].join(' | ');
  return { type, notes: [], members: [], choices: plain ? [] : forms };
}

function membersOf({ properties, required, additionalProperties }: Json): readonly Member[] {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const named = Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => ({
    name,
    required: needed.includes(name),
    shape: shapeOf(schema),
  }));
  if (!isRecord(additionalProperties) || Object.keys(additionalProperties).length === 0) return named;
  return [...named, { name: '…', required: false, shape: shapeOf(additionalProperties) }];
}

function notesOf(schema: Json): readonly string[] {
  const note = (key: string, text: (value: unknown) => string) => (key in schema ? [text(schema[key])] : []);
  return [
    ...note('minimum', (value) => `at least ${String(value)}`),
    ...note('exclusiveMinimum', (value) => `more than ${String(value)}`),
    ...note('maximum', (value) => `at most ${String(value)}`),
    ...note('minLength', (value) => (value === 1 ? 'not empty' : `at least ${String(value)} characters`)),
    ...note('maxLength', (value) => `at most ${String(value)} characters`),
    ...note('minItems', (value) => `at least ${String(value)}`),
    ...note('maxItems', (value) => `at most ${String(value)} entries`),
    ...note('pattern', (value) => `matches ${String(value)}`),
    ...note('default', (value) => `default ${short(JSON.stringify(value))}`),
    ...note('description', String),
  ];
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
