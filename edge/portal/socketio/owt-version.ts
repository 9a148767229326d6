// Owns which versions of the OWT protocol a client may speak (portal-protocol §12).
import { protocolVersions } from '../../../schemas/request.ts';

export type OwtVersion = (typeof protocolVersions)[number];

export function isOwtVersion(value: unknown): value is OwtVersion {
  return protocolVersions.some((version) => version === value);
}
