// Owns finding JSON documents in text that comes in pieces: one a line, in a list, or printed over many lines, as
// mongoexport and a reply of REST have them. What cannot be read is told with its lines, and reading goes on after it.

/** A document with the line it begins on, or lines that are none with the reason. Lines count from 1. */
export type Found =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly lastLine: number; readonly problem: string };

/** Where in the buffer and on which line a document begins, and where in it reading stands. */
interface OpenDocument {
  start: number;
  line: number;
  depth: number;
  inText: boolean;
  escaped: boolean;
}

const defaultMaxChars = 1024 * 1024;

export class DocumentSplitter {
  readonly #maxChars: number;
  #buffer = '';
  #at = 0;
  #line = 1;
  /** Only brackets and commas stand before `#at` on its line. */
  #lineStart = true;
  #document: OpenDocument | undefined;
  #skipping: { readonly line: number; readonly problem: string } | undefined;
  #found: Found[] = [];

  /** Documents longer than `maxChars` are told as a problem. */
  constructor(maxChars = defaultMaxChars) {
    this.#maxChars = maxChars;
  }

  /** What is complete now, in the order of the text. */
  push(chunk: string): readonly Found[] {
    this.#buffer += chunk;
    this.#scan();
    const kept = this.#document?.start ?? this.#at;
    this.#buffer = this.#buffer.slice(kept);
    this.#at -= kept;
    if (this.#document !== undefined) this.#document.start = 0;
    return this.#taken();
  }

  /** What is left once the text has ended. */
  end(): readonly Found[] {
    while (this.#document !== undefined) {
      this.#fail('it does not end', false);
      this.#scan();
    }
    this.#endSkip(this.#lineStart && this.#line > 1 ? this.#line - 1 : this.#line);
    return this.#taken();
  }

  #taken(): readonly Found[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #scan(): void {
    while (this.#at < this.#buffer.length) {
      const char = this.#buffer.charAt(this.#at);
      if (this.#document === undefined) this.#outside(char);
      if (this.#document !== undefined && !this.#inside(this.#document, char)) continue;
      this.#at += 1;
      if (char === '\n') this.#line += 1;
      this.#lineStart = char === '\n' || (this.#lineStart && (char === '[' || char === ','));
    }
  }

  #outside(char: string): void {
    if (char === '{' && (this.#skipping === undefined || this.#lineStart)) {
      this.#endSkip(this.#line - 1);
      this.#document = { start: this.#at, line: this.#line, depth: 0, inText: false, escaped: false };
    } else if (this.#skipping === undefined && !/[\s,[\]\uFEFF]/.test(char))
      this.#skipping = { line: this.#line, problem: 'not a JSON document' };
  }

  /** False when what follows is to be looked at anew. */
  #inside(document: OpenDocument, char: string): boolean {
    if (this.#at - document.start >= this.#maxChars) return this.#fail('too long for one document', false);
    if (document.inText) {
      if (document.escaped) document.escaped = false;
      else if (char === '\\') document.escaped = true;
      else if (char === '"') document.inText = false;
      else if (char === '\n') return this.#fail('a text in it does not end', false);
    } else if (char === '"') document.inText = true;
    else if (char === '{' || char === '[') document.depth += 1;
    else if (char === '}' || char === ']') {
      document.depth -= 1;
      if (document.depth === 0) return this.#complete(document);
    }
    return true;
  }

  #complete({ start, line }: OpenDocument): boolean {
    const text = this.#buffer.slice(start, this.#at + 1);
    try {
      this.#found.push({ line, value: JSON.parse(text) });
    } catch {
      const shell = /\b(ObjectId|ISODate|NumberLong)\(/.test(text);
      return this.#fail(shell ? 'not JSON: export it with mongoexport, not the shell' : 'not JSON', true);
    }
    this.#document = undefined;
    return true;
  }

  /** Gives the document up, and begins again at the first line in it that may begin another one. */
  #fail(problem: string, balanced: boolean): boolean {
    const { start, line } = this.#document ?? { start: this.#at, line: this.#line };
    this.#document = undefined;
    const text = this.#buffer.slice(start, this.#at + 1);
    const next = text.search(/\n[[,]?\{/);
    if (next >= 0) {
      this.#at = start + next + 1;
      this.#line = line + (text.slice(0, next + 1).match(/\n/g)?.length ?? 0);
      this.#lineStart = true;
      this.#found.push({ line, lastLine: this.#line - 1, problem });
      return false;
    }
    if (balanced) this.#found.push({ line, lastLine: this.#line, problem });
    else this.#skipping = { line, problem };
    return true;
  }

  #endSkip(lastLine: number): void {
    if (this.#skipping === undefined) return;
    this.#found.push({ ...this.#skipping, lastLine: Math.max(lastLine, this.#skipping.line) });
    this.#skipping = undefined;
  }
}
