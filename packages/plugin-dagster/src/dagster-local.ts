import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { createLocalPlatform, type LocalOrchestrator } from '@floe/core/local-platform/local-platform';
import { platformEnvironment } from '@floe/core/local-platform/platform-environment';
import type { LocalPlatform } from '@floe/core/plugin-interfaces';
import { freePort } from '@floe/core/process/free-ports';
import { systemClock, type Clock } from '@floe/core/time/clock';
import { createDagsterClient } from './dagster-client.js';
import { localInstanceSettings } from './dagster-instance-settings.js';
import { pythonDirectory } from './dagster-loader.js';
import { readiness } from './dagster-local-readiness.js';
import { ensureWorkspaceFile, workspaceFileName } from './dagster-workspace-file.js';

/** A real Dagster on this machine: webserver, daemon and code servers in one process group. */
export function createLocalDagster(clock: Clock = systemClock): LocalPlatform {
  return createLocalPlatform(localDagster(clock), clock);
}

function localDagster(clock: Clock): LocalOrchestrator {
  return {
    name: 'dagster',
    title: 'Dagster',
    stopGraceMs: 15_000,
    firstPart: 'the webserver',
    async prepare({ directory, dataDirectory, instance }, { binDirectory }) {
      await writeFile(join(instance, 'dagster.yaml'), localInstanceSettings(instance));
      await ensureWorkspaceFile(directory);
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const client = createDagsterClient(createHttpClient({}), url, clock);
      const folder = join(pythonDirectory, 'local');
      return {
        url,
        command: {
          command: join(binDirectory, 'python'),
          args: [join(folder, 'local_platform.py'), String(port), join(directory, workspaceFileName)],
          cwd: directory,
          env: {
            ...platformEnvironment({ inherited: process.env, binDirectory, dataDirectory }),
            DAGSTER_HOME: instance,
            // dagster.yaml names a module in it.
            PYTHONPATH: folder,
          },
        },
        config: { url, daemon_workspace_delay: 0 },
        readiness: (startedAt, call) => readiness(client, startedAt, call),
      };
    },
  };
}
