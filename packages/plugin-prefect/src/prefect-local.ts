import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { createLocalPlatform, type LocalOrchestrator } from '@floe/core/local-platform/local-platform';
import { platformEnvironment } from '@floe/core/local-platform/platform-environment';
import type { LocalPlatform } from '@floe/core/plugin-interfaces';
import { freePort } from '@floe/core/process/free-ports';
import { systemClock, type Clock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { createPrefectClient, type PrefectClient } from './prefect-client.js';
import { pythonDirectory } from './prefect-loader.js';
import { readiness } from './prefect-local-readiness.js';
import { localPrefectSettings, localWorkPool } from './prefect-local-settings.js';

/** A real Prefect on this machine: server and process worker under one supervisor, with basic authentication. */
export function createLocalPrefect(clock: Clock = systemClock): LocalPlatform {
  return createLocalPlatform(localPrefect(clock), clock);
}

function localPrefect(clock: Clock): LocalOrchestrator {
  return {
    name: 'prefect',
    title: 'Prefect',
    stopGraceMs: 15_000,
    firstPart: 'the server',
    async prepare({ home, directory, dataDirectory, instance }, { binDirectory }) {
      const authFile = join(home, 'auth-string');
      const authString = `floe:${randomBytes(24).toString('base64url')}`;
      await writeFile(authFile, `${authString}\n`, { mode: 0o600 });
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const apiUrl = `${url}/api`;
      const client = localClient(apiUrl, authString, clock);
      return {
        url,
        hint: `its page asks for the content of ${authFile}`,
        command: {
          command: join(binDirectory, 'python'),
          args: [
            join(pythonDirectory, 'local', 'local_platform.py'),
            String(port),
            localWorkPool,
            databaseTemplate(binDirectory),
          ],
          cwd: directory,
          env: {
            ...platformEnvironment({ inherited: process.env, binDirectory, dataDirectory, foreign: /^PREFECT_/iu }),
            PREFECT_HOME: instance,
            PREFECT_API_URL: apiUrl,
            PREFECT_API_AUTH_STRING: authString,
            PREFECT_SERVER_API_AUTH_STRING: authString,
            ...localPrefectSettings,
          },
        },
        config: { url: apiUrl, auth_string: `file:${authFile}`, work_pool: localWorkPool },
        readiness: (startedAt, call) => readiness(client, localWorkPool, startedAt, call),
      };
    },
  };
}

/** A database that has only been migrated; kept in the environment, to whose Prefect it belongs. */
function databaseTemplate(binDirectory: string): string {
  return join(dirname(binDirectory), 'floe-prefect-template.db');
}

function localClient(apiUrl: string, authString: string, clock: Clock): PrefectClient {
  const authorization = `Basic ${Buffer.from(authString).toString('base64')}`;
  return createPrefectClient(createHttpClient({ headers: { authorization } }), apiUrl, { clock, random: systemRandom });
}
