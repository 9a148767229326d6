// Owns base64 and hexadecimal text on Web-standard functions only. It knows nothing of what is inside.

const utf8 = new TextEncoder();

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Base64 (standard alphabet, padded) of the UTF-8 form of `text`. */
export function toBase64(text: string): string {
  return btoa(toBinary(utf8.encode(text)));
}

/**
 * The UTF-8 text behind base64, read as leniently as the clients' original server did: characters outside the alphabet
 * are skipped, the URL alphabet is understood, padding may be missing. Never throws.
 */
export function fromBase64(base64: string): string {
  const clean = base64
    .replace(/=[^]*$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '');
  // One character past a multiple of four carries no whole byte.
  const binary = atob(clean.length % 4 === 1 ? clean.slice(0, -1) : clean);
  return new TextDecoder().decode(fromBinary(binary));
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOfByte[byte] ?? '';
  return hex;
}

/** The bytes behind lower- or upper-case hexadecimal text; undefined when it is none. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** Base64 in the URL alphabet without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(toBinary(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes behind `toBase64Url`'s text; undefined for any other text, so that no two texts are the same bytes. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9A-Za-z_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = fromBinary(binary);
  return toBase64Url(bytes) === text ? bytes : undefined;
}

/** One character of code 0 to 255 a byte, as `btoa` and `atob` want and give it. */
function toBinary(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
}

function fromBinary(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
