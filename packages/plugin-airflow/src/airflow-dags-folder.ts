import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The DAG by which floe asks Airflow to look for new files: a request to parse any known file makes Airflow list its
 * whole folder again, at once instead of after `refresh_interval`.
 */
export const sentinelDagId = 'floe_sentinel';
const sentinelFile = 'floe_sentinel.py';
const sentinelText = `"""Lets floe ask Airflow to look for new DAG files at once; it has no schedule and no tasks."""

from airflow.sdk import DAG

dag = DAG(dag_id="${sentinelDagId}", schedule=None, catchup=False, tags=["floe"])
`;

const ignoreFile = '.airflowignore';
/** The bundles themselves: Airflow follows the links to them, and would fail if it found the same file twice. */
const ignoredFolders = ['.bundles/', '.locks/', '.data/'];

/** Prepares the folder into which bundles are delivered; what others wrote there stays. @returns true if it changed */
export async function ensureDagsFolder(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const ignored = (await readText(join(directory, ignoreFile))) ?? '';
  const lines = new Set(ignored.split('\n').map((line) => line.trim()));
  const missing = ignoredFolders.filter((folder) => !lines.has(folder));
  if (missing.length > 0) {
    const before = ignored === '' || ignored.endsWith('\n') ? ignored : `${ignored}\n`;
    await replaceFile(directory, ignoreFile, `${before}${missing.join('\n')}\n`);
  }
  const isCurrent = (await readText(join(directory, sentinelFile))) === sentinelText;
  if (!isCurrent) await replaceFile(directory, sentinelFile, sentinelText);
  return missing.length > 0 || !isCurrent;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Airflow may read the file at any moment: it is there as a whole or not at all. */
async function replaceFile(directory: string, name: string, text: string): Promise<void> {
  const temporary = join(directory, `.floe-${randomUUID()}`);
  await writeFile(temporary, text);
  await rename(temporary, join(directory, name));
}
