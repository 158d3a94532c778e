import { joinUri } from '@adstocrat/artifact-store';

/** Where a pack lies: files of images, one after the other. */
export function packUri(artifactsUrl: string, pack: string): string {
  return joinUri(artifactsUrl, 'images', 'packs', pack);
}
