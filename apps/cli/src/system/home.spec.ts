import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PersonalKeys, PredictionKeys } from '@adstocrat/service-kit';
import { claimPorts } from './claim.ts';
import { Home, type RunningSystem } from './home.ts';
import { defaultPorts } from './ports.ts';

const base = mkdtempSync(join(tmpdir(), 'adstocrat-home-'));
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** A process that has locked the home, and lives. */
async function locker(folder: string): Promise<ChildProcess> {
  const script = `
    const { Home } = await import(${JSON.stringify(join(import.meta.dirname, 'home.ts'))});
    new Home(${JSON.stringify(folder)}).lock();
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('Home', () => {
  it('is a folder for its owner alone, and so is its token', () => {
    const home = new Home(join(base, 'new'));
    expect(modeOf(home.folder)).toBe(0o700);
    const file = home.renewToken();
    expect(home.token()).toMatch(/^[\w-]{43}$/);
    expect(modeOf(file)).toBe(0o600);
    expect(new Home(home.folder).token()).toBe(home.token());
  });

  it("has a key for personal columns that stays, and whose file is its owner's alone", () => {
    const home = new Home(join(base, 'keys'));
    const file = home.personalKeysFile();
    const { all } = PersonalKeys.read(file);
    expect(all).toHaveLength(1);
    expect(PersonalKeys.read(new Home(home.folder).personalKeysFile()).all).toEqual(all);
    expect(modeOf(file)).toBe(0o600);
  });

  it('has a key for prediction tokens likewise, another one', () => {
    const home = new Home(join(base, 'keys'));
    const { PREDICTION_KEYS_FILE: file = '' } = home.predictionKeys();
    const token = PredictionKeys.read(file).sign({ predictionId: 'p', model: 'm' }, 1000);
    expect(
      PredictionKeys.read(new Home(home.folder).predictionKeys()['PREDICTION_KEYS_FILE'] ?? '').verify(token, 0),
    ).toEqual({ predictionId: 'p', model: 'm' });
    expect(readFileSync(file, 'utf8')).not.toBe(readFileSync(home.personalKeysFile(), 'utf8'));
    expect(modeOf(file)).toBe(0o600);
  });

  it('has a new token at every start: whoever learned the last one has none', () => {
    const home = new Home(join(base, 'renewed'));
    home.renewToken();
    const last = home.token();
    home.renewToken();
    expect(home.token()).not.toBe(last);
  });

  it('is closed where an earlier version left it open, its token too', () => {
    const folder = join(base, 'open');
    mkdirSync(join(folder, 'postgres'), { recursive: true });
    writeFileSync(join(folder, 'token'), 'a-token-that-others-could-read\n');
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'token'), 0o644);
    const home = new Home(folder);
    expect(modeOf(folder)).toBe(0o700);
    expect(modeOf(home.renewToken())).toBe(0o600);
    expect(home.token()).not.toBe('a-token-that-others-could-read');
  });

  it('is no folder of something else: that one stays as it is', () => {
    const folder = join(base, 'documents');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'letter.txt'), 'dear');
    expect(() => new Home(folder)).toThrow(/is not empty and no home of adstocrat: name a folder of its own/);
    expect(modeOf(folder)).toBe(0o755);
  });

  it.each([
    ['a file', (): string => file('file'), /file cannot be the home: it is a file\. Name another/],
    ['below a file', (): string => join(file('above'), 'home'), /cannot be the home: .*above is no folder/],
    [
      'where nobody can write',
      (): string => '/sys/adstocrat',
      /cannot be the home: (this account may not|the disk is)/,
    ],
  ])('says in a sentence why it cannot be %s', (_, folder, says) => {
    expect(() => new Home(folder())).toThrow(says);
  });

  describe('the lock', () => {
    it('says who has it, and is free the moment that process is killed, whoever bears its number then', async () => {
      const folder = join(base, 'locked');
      const holder = await locker(folder);
      const refusal = (): unknown => new Home(folder).lock();
      expect(refusal).toThrow(new RegExp(`a system runs in ${folder} \\(process ${holder.pid} on .* since 20`));
      // No process is advised to be killed: the number is information only.
      expect(refusal).not.toThrow(/kill/);
      await killed(holder);
      // A process of that number lives again, as in a container where every command is process 2.
      writeFileSync(join(folder, 'owner', 'holder'), `process ${process.pid} on this machine`);
      new Home(folder).lock().release();
    });

    it('goes to one of many that come at once', async () => {
      const folder = join(base, 'many');
      await killed(await locker(folder));
      const home = new Home(folder);
      const lock = home.lock();
      for (let other = 0; other < 3; other += 1) expect(() => new Home(folder).lock()).toThrow(/a system runs/);
      lock.release();
    });
  });

  describe('what runs in it', () => {
    const running: RunningSystem = {
      systemId: 'mine',
      ready: true,
      pid: process.pid,
      claimPort: 1,
      ports: defaultPorts,
      instances: [defaultPorts],
      databaseUrl: 'postgres://adstocrat:secret@127.0.0.1:1/adstocrat',
      eventBusUrl: 'postgres://adstocrat:secret@127.0.0.1:1/adstocrat',
      artifactsUrl: 'file:///tmp',
      clockSpeed: 1,
      clockOrigin: '0:0',
      tokenFile: '/token',
      restScheme: 'http',
      tlsFiles: {},
    };

    it('is what has the home and answers with its id, not what has its number', async () => {
      const home = new Home(join(base, 'runs'));
      const lock = home.lock();
      const claim = await claimPorts(0, { systemId: 'mine', home: home.folder, pid: process.pid });
      home.writeRunning({ ...running, claimPort: claim.port });
      expect(modeOf(home.path('running.json'))).toBe(0o600);
      expect((await home.running())?.systemId).toBe('mine');
      home.writeRunning({ ...running, systemId: 'another', claimPort: claim.port });
      expect(await home.running()).toBeUndefined();
      claim.release();
      // This process lives, and is none of it.
      home.writeRunning({ ...running, claimPort: claim.port });
      expect(await home.running()).toBeUndefined();
      lock.release();
    });

    it('is no killed one whose port and id another account took', async () => {
      const home = new Home(join(base, 'killed'));
      const thief = await claimPorts(0, { systemId: 'mine', home: home.folder, pid: process.pid });
      await killed(await locker(home.folder));
      home.writeRunning({ ...running, claimPort: thief.port });
      expect(await home.running()).toBeUndefined();
      // Nor while the next one starts, which has the home and no services yet.
      const next = home.lock();
      expect(await home.running()).toBeUndefined();
      expect(home.lastRunning()).toMatchObject({ systemId: 'mine', ready: false });
      next.release();
      thief.release();
    });

    it('is nothing where nothing was written', async () => {
      expect(await new Home(join(base, 'empty')).running()).toBeUndefined();
    });
  });
});

describe('claimPorts', () => {
  it('says whose the ports are', async () => {
    const first = await claimPorts(0, { systemId: 'one', home: '/home/of/another', pid: 4711 });
    await expect(claimPorts(first.port, { systemId: 'two', home: '/mine', pid: 1 })).rejects.toThrow(
      /the usual ports are taken by adstocrat in \/home\/of\/another \(process 4711\).*--free-ports/,
    );
    first.release();
  });
});

function file(name: string): string {
  const path = join(base, name);
  if (!existsSync(path)) writeFileSync(path, '');
  return path;
}
