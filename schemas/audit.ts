// Owns what is written down of a management operation or a refused authentication: who, from where, what, with which
// outcome. Never a body and never a secret.
import * as v from 'valibot';

export const auditEntrySchema = v.object({
  /** Of the request, as its reply names it in `X-Request-Id`. */
  request: v.string(),
  /** Milliseconds since 1970. */
  at: v.number(),
  /**
   * `done` whatever its status, `refused` for want of credentials; `unlisted` stands for as many others as `count` says,
   * which came too fast to be listed.
   */
  kind: v.picklist(['done', 'refused', 'unlisted']),
  /** Id of the service that acted; of a refused one the id it claimed, if it has the form of one. */
  service: v.optional(v.string()),
  /** The user that the credentials named. */
  user: v.optional(v.string()),
  /** `app`: by a visitor of the sample application, which acts as its service for anybody. */
  by: v.picklist(['service', 'app']),
  /** Network address of the other end. */
  address: v.optional(v.string()),
  method: v.string(),
  /** Without its query. */
  path: v.string(),
  room: v.optional(v.string()),
  /** HTTP status of the reply. */
  status: v.number(),
  count: v.optional(v.number()),
});
export type AuditEntry = Readonly<v.InferOutput<typeof auditEntrySchema>>;
