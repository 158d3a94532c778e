import type { Logger } from '../logger.ts';
import { bytesIn } from './setting-file.ts';
import type { WrongSetting } from './wrong-setting.ts';

/** Wall milliseconds between two looks at files. */
const lookMs = 1000;

export interface WatchedFilesOptions<T> {
  /** Each file by the variable that names it. */
  readonly files: Readonly<Record<string, string>>;
  /** What their bytes mean, by variable. Throws {@link WrongSetting}. */
  readonly read: (bytes: ReadonlyMap<string, Buffer>) => T;
  /** They hold secrets: nobody but their owner may have any right to them. */
  readonly ownerOnly?: boolean;
  readonly logger: Logger;
}

/**
 * What a few small files hold, read anew once their bytes change: certificates and tokens are replaced while a service runs. They are
 * read whole, since a link that is turned to another folder, as Kubernetes does it, shows in no file's times.
 */
export class WatchedFiles<T> {
  readonly #options: WatchedFilesOptions<T>;
  readonly #listeners = new Set<(value: T) => void>();
  #bytes: ReadonlyMap<string, Buffer>;
  #value: T;
  #timer: NodeJS.Timeout | undefined;
  #trouble = '';

  /** Throws {@link WrongSetting} for the file that cannot be read or does not hold what it must. */
  constructor(options: WatchedFilesOptions<T>) {
    this.#options = options;
    this.#bytes = bytesOf(options);
    this.#value = options.read(this.#bytes);
  }

  get value(): T {
    return this.#value;
  }

  /** Told each value that comes after the present one. */
  listen(listener: (value: T) => void): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: (value: T) => void): void {
    this.#listeners.delete(listener);
  }

  /** Looks every second from now on. */
  watch(): void {
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Files that are wrong, or half replaced, change nothing: what held before holds on, and the log says so once. */
  #look(): void {
    const { files, read, logger } = this.#options;
    try {
      const bytes = bytesOf(this.#options);
      const same = [...bytes].every(([variable, now]) => this.#bytes.get(variable)?.equals(now) === true);
      if (!same) {
        this.#value = read(bytes);
        this.#bytes = bytes;
        logger.info({ variables: Object.keys(files) }, 'files have changed and are in force');
        for (const listener of this.#listeners) listener(this.#value);
      }
      this.#trouble = '';
    } catch (error) {
      const { variable, message } = error as WrongSetting;
      if (message !== this.#trouble)
        logger.error({ variable, reason: message }, 'a file is wrong: what it held before stays in force');
      this.#trouble = message;
    }
  }
}

function bytesOf({
  files,
  ownerOnly = false,
}: Pick<WatchedFilesOptions<unknown>, 'files' | 'ownerOnly'>): ReadonlyMap<string, Buffer> {
  return new Map(Object.entries(files).map(([variable, file]) => [variable, bytesIn(variable, file, ownerOnly)]));
}
