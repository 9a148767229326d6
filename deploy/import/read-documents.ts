// Owns reading the documents of a file one after the other, whatever its size.
import { createReadStream } from 'node:fs';
import { DocumentSplitter, type Found } from './document-splitter.ts';

/** In the order of the file. Rejects when the file cannot be read. */
export async function* readDocuments(file: string): AsyncGenerator<Found> {
  const splitter = new DocumentSplitter();
  const chunks: AsyncIterable<string> = createReadStream(file, { encoding: 'utf8' });
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}
