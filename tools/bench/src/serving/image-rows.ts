/** Asks over REST for a row for each, with its image where there is one. False where it failed. */
export async function predictRows(
  restAddress: string,
  token: string,
  images: readonly (Buffer | undefined)[],
): Promise<boolean> {
  const instances = images.map((image) =>
    image === undefined ? { picture: 'none' } : { image_bytes: { b64: image.toString('base64') } },
  );
  const response = await fetch(`http://${restAddress}/v1/models/ads:predict`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ instances }),
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.ok === true;
}
