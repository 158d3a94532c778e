export { TestAuthority } from './testing/test-authority.ts';
export type { IssuedFiles } from './testing/test-authority.ts';
