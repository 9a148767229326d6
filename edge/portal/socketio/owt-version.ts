// Owns which versions of the OWT protocol a client may speak (portal-protocol §12).

export const owtVersions = ['1.0', '1.1', '1.2'] as const;
export type OwtVersion = (typeof owtVersions)[number];

/** Versions that know media by kind instead of tracks. */
export type OlderVersion = Exclude<OwtVersion, '1.2'>;

export function isOwtVersion(value: unknown): value is OwtVersion {
  return owtVersions.some((version) => version === value);
}
