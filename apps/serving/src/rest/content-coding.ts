import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import { ServiceFailure, statusCode } from '@adstocrat/service-kit';

/** The content codings that bodies may have, both ways. */
export type ContentCoding = 'gzip' | 'deflate';

const decoders = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const encoders = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** A body is worth compressing from here, bytes, where its reader does not ask for one coding alone. */
const worthwhileBytes = 1024;

/**
 * A request's body as it was before it was compressed. Throws {@link UnsupportedCoding} for another coding than gzip or deflate, and
 * {@link BadBody} for what is no such stream or has more than `limit` bytes, before they are made.
 */
export async function decoded(body: Buffer, coding: string | undefined, limit: number): Promise<Buffer> {
  if (coding === undefined || coding === '' || coding === 'identity') return body;
  const decoder = codingOf(coding);
  if (decoder === undefined) throw new UnsupportedCoding(coding);
  try {
    return await decoders[decoder](body, { maxOutputLength: limit });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'ERR_BUFFER_TOO_LARGE'
      ? new BadBody(413, `the body has more than ${limit} bytes when it is not compressed`)
      : new BadBody(400, `the body is no ${decoder} stream: ${message}`);
  }
}

/** The coding that an Accept-Encoding asks for; undefined for none. */
export function wantedCoding(acceptEncoding: string | undefined, bytes: number): ContentCoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const wanted = acceptEncoding
    .split(',')
    .map((one) => one.trim().toLowerCase().split(';'))
    .filter(([, weight = 'q=1']) => !/^\s*q=0(\.0*)?$/.test(weight))
    .flatMap(([name = '']) => codingOf(name.trim()) ?? []);
  const alone = !acceptEncoding.includes(',');
  return bytes >= worthwhileBytes || alone ? wanted[0] : undefined;
}

export function encoded(body: Buffer | string, coding: ContentCoding): Promise<Buffer> {
  return encoders[coding](body);
}

/** A request's Content-Encoding is neither gzip nor deflate. */
export class UnsupportedCoding extends ServiceFailure {
  constructor(coding: string) {
    super(
      statusCode.unimplemented,
      `Unsupported compression type "${coding.slice(0, 80)}": gzip and deflate are understood`,
    );
  }
}

/** A body cannot be read as what its headers say. The HTTP layer knows `statusCode`. */
export class BadBody extends Error {
  readonly statusCode: number;

  constructor(httpStatus: number, message: string) {
    super(message);
    this.statusCode = httpStatus;
  }
}

function codingOf(name: string): ContentCoding | undefined {
  const coding = name.trim().toLowerCase();
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip';
  return coding === 'deflate' ? 'deflate' : undefined;
}
