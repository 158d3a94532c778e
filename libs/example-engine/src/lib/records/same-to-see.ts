/** What to say of two names that look alike and are not: nothing of others. Letters with marks can be one character or two. */
export function sayUnseen(one: string | undefined, other: string | undefined): string {
  if (one === undefined || other === undefined || one === other || one.normalize() !== other.normalize()) return '';
  return ' (they look alike: one writes its accents as characters of their own, Unicode NFD, as a Mac does; write both as NFC)';
}
