/** A stock gRPC client takes 8 kB of metadata in all, and a status is metadata there, percent-encoded: up to 9 bytes a unit. */
const longest = 800;

/** An error's text as it may leave: well-formed Unicode of at most 800 UTF-16 units, since it may quote what a stranger sent. */
export function errorText(text: string): string {
  const whole = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return whole.toWellFormed();
}
