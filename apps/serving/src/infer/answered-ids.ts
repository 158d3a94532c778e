/** Where the ids of an answer go. */
export interface AnsweredIds {
  /** The ids, percent-encoded, commas between: absent where they are too many or too long. */
  readonly header?: string;
  /** True where the answer itself holds them. */
  readonly inBody: boolean;
}

/** A stock gRPC client takes 8 kB of metadata in all, an HTTP client 8 to 16 kB of headers. */
const headerRows = 32;
const headerBytes = 4096;

/** Ids go into the header where they are few, and into the answer where they are not or where it was asked for. */
export function answeredIds(ids: readonly string[] | undefined, asked: boolean): AnsweredIds {
  if (ids === undefined) return { inBody: false };
  const header = ids.length > headerRows ? undefined : ids.map(encodeURIComponent).join(',');
  if (header === undefined || header.length > headerBytes) return { inBody: true };
  return { header, inBody: asked };
}
