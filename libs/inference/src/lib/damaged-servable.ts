/** A servable's folder is not what its manifest says: a file is missing, altered, or of a format this code does not know. */
export class DamagedServable extends Error {
  override readonly name = 'DamagedServable';
}
