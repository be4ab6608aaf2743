import { passed, type StepResult } from './probe-step.js';

/** Versions that a plugin knows. */
export interface KnownVersions {
  /** The orchestrator, as people write it. */
  readonly title: string;
  /** Major and minor of the oldest. */
  readonly oldest: readonly [number, number];
  /** As a semver range, for people. */
  readonly supported: string;
}

/** Refuses what is too old, and warns of a major version that nobody has tested. */
export function judgeVersion(version: string, { title, oldest, supported }: KnownVersions): StepResult {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = oldest;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return {
      outcome: 'failed',
      code: 'PLATFORM_VERSION',
      message: `${title} ${version} is too old`,
      resolution: `Upgrade it to a version of ${supported}.`,
      version,
    };
  }
  if (major > oldestMajor) {
    return {
      outcome: 'warned',
      code: 'PLATFORM_VERSION',
      message: `${title} ${version} is newer than what the plugin was tested with (${supported})`,
      resolution: 'Look for a newer version of the plugin.',
      version,
    };
  }
  return passed(`${title} ${version}`, version);
}
