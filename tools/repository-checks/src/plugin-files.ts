import type { Repository } from './repository.js';

/** What every plugin has, each file with the orchestrator's name before it. */
const parts = [
  'plugin',
  'config',
  'definitions',
  'names',
  'triggers',
  'helm-values',
  'resources',
  'connection',
  'deployment',
  'run-backend',
  'diagnosis',
  'errors',
  'client',
  'local',
];

/** Plugin packages whose files are not named like those of the others: who knows one plugin finds the way in all. */
export function pluginFileDifferences(repository: Repository): string[] {
  const orchestrators = new Set(
    repository.files.flatMap((file) => /^packages\/plugin-([\w-]+)\//.exec(file)?.[1] ?? []),
  );
  return [...orchestrators].flatMap((orchestrator) => {
    const folder = `packages/plugin-${orchestrator}/src/`;
    const names = repository.files.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length));
    const missing = parts.map((part) => `${orchestrator}-${part}.ts`).filter((name) => !names.includes(name));
    const foreign = names.filter(
      (name) => !name.includes('/') && name !== 'index.ts' && !name.startsWith(`${orchestrator}-`),
    );
    return [
      ...missing.map((name) => `${folder}${name} is missing`),
      ...foreign.map((name) => `${folder}${name} does not begin with ${orchestrator}-`),
    ];
  });
}
