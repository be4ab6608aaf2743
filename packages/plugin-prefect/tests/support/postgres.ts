import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runCommand } from '@floe/core/process/child-process';
import { freePort } from '@floe/core/process/free-ports';
import { within } from '@floe/test-products/repository';

/** A PostgreSQL server of the test's own, in a temporary folder; everybody is let in. */
export interface Postgres {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a server on a free port, as another user when this one is root. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'floe-postgres-'));
  const isRoot = process.geteuid?.() === 0;
  const user = isRoot ? await userIds() : undefined;
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const control = async (command: string, ...args: string[]): Promise<void> => {
    const asUser = user === undefined ? [] : ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
    const [program = command, ...rest] = [...asUser, command, ...args];
    await requireSuccess(program, rest, folder);
  };
  const data = join(folder, 'data');
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`;
  await control('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale', 'C');
  await control('pg_ctl', '-D', data, '-w', '-o', options, '-l', join(folder, 'log'), 'start');
  return {
    port,
    async stop() {
      await control('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where Debian puts the programs of the server, which are not on the path. */
function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  return existsSync(root) ? readdirSync(root).map((version) => join(root, version, 'bin')) : [];
}

async function userIds(): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => requireSuccess('id', [flag, 'postgres'], '/')));
  return { uid: Number(uid), gid: Number(gid) };
}

async function requireSuccess(command: string, args: readonly string[], cwd: string): Promise<string> {
  const outcome = await runCommand(
    { command, args, cwd, env: { PATH: [process.env.PATH, ...debianFolders()].join(delimiter) } },
    { ...within(60), maxOutputBytes: 64_000 },
  );
  if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw new TypeError(JSON.stringify(outcome));
  return outcome.stdout;
}
