import { type FeatureDeclaration, parseFeatures } from '@adstocrat/transforms';
import { z } from 'zod';

/** `features` of a task, as written, once transforms has understood all of it. A record of zod's would lose a column named `__proto__`. */
export const features = z.custom<Readonly<Record<string, FeatureDeclaration>>>().superRefine((given, context) => {
  for (const { path, message } of parseFeatures(given).issues)
    context.addIssue({ code: 'custom', path: [...path], message });
});
