// Owns the contract of static files given to the web app; where they come from (disk, a bundle) is its giver's business.

export interface Asset {
  readonly body: Uint8Array;
  /** Content type with charset. */
  readonly type: string;
  /** Quoted, as in the header. */
  readonly etag: string;
}

export interface Assets {
  /** The file at a URL path such as `/index.html`, exactly; undefined when there is none. */
  get(path: string): Asset | undefined;
}
