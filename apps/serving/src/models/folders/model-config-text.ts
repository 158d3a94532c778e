import type { VersionPolicy } from '@adstocrat/servables';
import { BadModelConfig, checkModels, type FolderModel, placeUri, usualPolicy } from './folder-model.ts';
import { parseProtobufText, type TextMessage } from './protobuf-text.ts';

/**
 * The models of a configuration file of TensorFlow Serving (`--model_config_file`). What says how TensorFlow runs a model is not looked at.
 * Throws {@link BadModelConfig} naming what is wrong.
 */
export function modelsOfText(text: string): readonly FolderModel[] {
  try {
    const whole = parseProtobufText(text);
    refuseOthers(whole, ['model_config_list'], 'the file');
    const list = messages(whole, 'model_config_list');
    return checkModels(list.flatMap((one) => messages(one, 'config')).map(modelOf));
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadModelConfig(error.message, { cause: error });
    throw error;
  }
}

/** The policy that a model's config.pbtxt of Triton names; undefined where it names none. Throws {@link BadModelConfig}. */
export function policyOfTriton(text: string): VersionPolicy | undefined {
  try {
    const [policy] = messages(parseProtobufText(text), 'version_policy');
    return policy === undefined ? undefined : policyOf(policy, 'config.pbtxt');
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadModelConfig(error.message, { cause: error });
    throw error;
  }
}

const known = [
  'name',
  'base_path',
  'model_platform',
  'model_type',
  'model_version_policy',
  'version_labels',
  'logging_config',
];

function modelOf(config: TextMessage): FolderModel {
  const name = text(config, 'name') ?? '';
  const of = `model "${name}"`;
  refuseOthers(config, known, of);
  const base = text(config, 'base_path');
  if (base === undefined || base === '') throw new BadModelConfig(`${of} has no base_path`);
  const [policy] = messages(config, 'model_version_policy');
  const labels = messages(config, 'version_labels').map(
    (label) => [text(label, 'key') ?? '', versionIn(text(label, 'value'), of)] as const,
  );
  return {
    name,
    base: placeUri(base),
    policy: policy === undefined ? usualPolicy : policyOf(policy, of),
    labels: Object.fromEntries(labels),
  };
}

function policyOf(policy: TextMessage, of: string): VersionPolicy {
  refuseOthers(policy, ['latest', 'all', 'specific'], `the version policy of ${of}`);
  const [latest] = messages(policy, 'latest');
  const [specific] = messages(policy, 'specific');
  if (specific !== undefined)
    return { kind: 'specific', versions: (specific.get('versions') ?? []).map((value) => versionIn(value, of)) };
  if (messages(policy, 'all').length > 0) return { kind: 'all' };
  if (latest === undefined) return usualPolicy;
  const count = text(latest, 'num_versions') ?? '1';
  if (!/^\d{1,9}$/.test(count)) throw new BadModelConfig(`num_versions of ${of} must be a number, got "${count}"`);
  return { kind: 'latest', count: Math.max(1, Number(count)) };
}

function versionIn(value: string | TextMessage | undefined, of: string): number {
  const version = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(version)) throw new BadModelConfig(`a version of ${of} must be 0 to 2^53 − 1`);
  return version;
}

function messages(message: TextMessage, name: string): readonly TextMessage[] {
  return (message.get(name) ?? []).map((value) => {
    if (typeof value === 'string') throw new BadModelConfig(`${name} must be a message { … }, got "${value}"`);
    return value;
  });
}

function text(message: TextMessage, name: string): string | undefined {
  const value = message.get(name)?.at(-1);
  if (value !== undefined && typeof value !== 'string') throw new BadModelConfig(`${name} must be a text or number`);
  return value;
}

function refuseOthers(message: TextMessage, names: readonly string[], of: string): void {
  const other = [...message.keys()].find((name) => !names.includes(name));
  if (other !== undefined) throw new BadModelConfig(`${of} has a field "${other}": there are ${names.join(', ')}`);
}
