import { rolldown } from 'rolldown';

/**
 * One script of a module and all that it imports; its exports are properties of the global `name`. `entry`: a file. Throws where
 * something in it is no browser's: a Node built-in, or a package that cannot be found.
 */
export async function bundleForBrowser(entry: string, name: string): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    // Of the workspace's own packages the sources, as everywhere in development.
    resolve: { conditionNames: ['@adstocrat/source', 'browser', 'import', 'default'] },
    onLog: (_level, { message }) => {
      throw new Error(`bundling ${entry}: ${message}`);
    },
  });
  try {
    const { output } = await bundle.generate({ format: 'iife', name });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
