export const predictPath = '/v1/models/ads:predict';

/** A body that asks over REST for a row for each, with its image where there is one. */
export function imageRows(images: readonly (Buffer | undefined)[]): Buffer {
  const instances = images.map((image) =>
    image === undefined ? { picture: 'none' } : { image_bytes: { b64: image.toString('base64') } },
  );
  return Buffer.from(JSON.stringify({ instances }));
}
