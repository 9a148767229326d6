// Owns the form in which the sample's page asks for a streaming-in (spec rest-api §9, cluster §12.1).
import * as v from 'valibot';

const sampleForm = v.strictObject({
  url: v.unknown(),
  transport: v.optional(
    v.strictObject({ protocol: v.optional(v.unknown()), bufferSize: v.optional(v.unknown()) }),
  ),
  media: v.unknown(),
  attributes: v.optional(v.unknown()),
});

/** The same in the form of the management interface, where it is checked; whatever has another form stays as it is. */
export function streamingInOfSample(body: unknown): unknown {
  const sample = v.safeParse(sampleForm, body);
  if (!sample.success) return body;
  const { url, transport, ...rest } = sample.output;
  return {
    ...rest,
    connection: { url, transportProtocol: transport?.protocol, bufferSize: transport?.bufferSize },
  };
}
