// Owns how secrets are taken out of texts that people will read: passwords inside URLs and SIP addresses, and signatures of
// requests, wherever in the text they stand.

/** All up to the last @ before the path: a password may hold one. No scheme is so long that a search for it takes long. */
const inUrl = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#:@"']*):[^\s/?#"']*@/gi;
const inSipAddress = /\b(sips?:[^\s:@/;?"']+):[^\s;?"'/]*@/gi;
const inSignature = /(mauth_signature=)[^\s,"']+/gi;

/** The same text with `***` for each of them. */
export function maskedText(text: string): string {
  return text.replace(inUrl, '$1:***@').replace(inSipAddress, '$1:***@').replace(inSignature, '$1***');
}
