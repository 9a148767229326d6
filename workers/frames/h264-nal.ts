// Owns NAL unit types of H.264 (table 7-1, RFC 6184 §5.2).

export const nalType = {
  slice: 1,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  stapA: 24,
  fuA: 28,
} as const;
