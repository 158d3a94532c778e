/** Bytes of images that are written as one object, about: files are dear to create, and few requests are cheap. */
export const packBytes = 8 << 20;
