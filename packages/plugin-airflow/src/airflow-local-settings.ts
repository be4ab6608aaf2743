import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { platformEnvironment } from '@floe/core/local-platform/platform-environment';
import { z } from 'zod';

/** The user of the local Airflow. */
export const localUser = 'admin';

/** Where the parts of a local Airflow are. */
export interface LocalPlaces {
  readonly binDirectory: string;
  /** AIRFLOW_HOME: database, logs, secrets. */
  readonly instance: string;
  /** The DAGs folder. */
  readonly directory: string;
  readonly dataDirectory: string;
}

/** Ports on 127.0.0.1. */
export interface LocalPorts {
  readonly api: number;
  readonly workerLogs: number;
  readonly triggerLogs: number;
}

const secretsSchema = z.object({ password: z.string(), secret_key: z.string(), jwt_secret: z.string() });
export type LocalSecrets = z.infer<typeof secretsSchema>;

/** File with `username` and `password`, for plugins.orchestrator.config.credentials. */
export function credentialsFile(instance: string): string {
  return join(instance, 'credentials.json');
}

function passwordsFile(instance: string): string {
  return join(instance, 'passwords.json');
}

/** The secrets of a local Airflow: made at its first start, then kept, so that tokens and links stay good. */
export async function ensureLocalSecrets(instance: string): Promise<LocalSecrets> {
  const file = join(instance, 'secrets.json');
  const secrets = (await readSecrets(file)) ?? {
    password: randomText(18),
    secret_key: randomText(32),
    jwt_secret: randomText(64),
  };
  await writeSecret(file, secrets);
  await writeSecret(passwordsFile(instance), { [localUser]: secrets.password });
  await writeSecret(credentialsFile(instance), { username: localUser, password: secrets.password });
  return secrets;
}

async function readSecrets(file: string): Promise<LocalSecrets | undefined> {
  try {
    return secretsSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function writeSecret(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.new`;
  await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** Variables of the caller that are settings of an Airflow. */
const foreign = /^AIRFLOW_(?:HOME$|_)/u;

/**
 * The environment of the local Airflow: that of the caller, so that dbt finds its secrets, with Airflow's settings.
 * Nothing is sent anywhere; new files, changed DAGs and lost processes are noticed within seconds.
 */
export function localEnvironment(
  places: LocalPlaces,
  ports: LocalPorts,
  secrets: LocalSecrets,
  inherited: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const { binDirectory, dataDirectory } = places;
  const own = ['127.0.0.1', 'localhost', hostname()];
  const noProxy = [inherited.NO_PROXY ?? inherited.no_proxy, ...own].filter((host) => host !== undefined).join(',');
  const url = `http://127.0.0.1:${ports.api}`;
  return {
    ...platformEnvironment({ inherited, binDirectory, dataDirectory, foreign }),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    AIRFLOW_HOME: places.instance,
    AIRFLOW__API__BASE_URL: url,
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: String(ports.api),
    AIRFLOW__API__SECRET_KEY: secrets.secret_key,
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API_AUTH__JWT_SECRET: secrets.jwt_secret,
    AIRFLOW__CORE__AUTH_MANAGER: 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager',
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
    AIRFLOW__CORE__DAGS_FOLDER: places.directory,
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    AIRFLOW__CORE__EXECUTOR: 'LocalExecutor',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: '0',
    AIRFLOW__CORE__PARALLELISM: '8',
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwordsFile(places.instance),
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${localUser}:admin`,
    AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL: '1',
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: '60',
    AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS: 'False',
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False',
    AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT: String(ports.triggerLogs),
    AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: String(ports.workerLogs),
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: '0.5',
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: '60',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
    // Airflow notices the end of a task's process late, by up to this many seconds, when it misses the moment.
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL: '1',
  };
}
