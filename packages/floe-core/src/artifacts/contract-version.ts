import { contractVersion } from './compiled-artifacts.js';

/** Compares X.Y.Z versions as numbers: 0.9.0 is before 0.10.0. Negative when `left` is older. */
export function compareVersions(left: string, right: string): number {
  const leftParts = left.split('.').map(Number);
  const rightParts = right.split('.').map(Number);
  for (let index = 0; index < 3; index += 1) {
    const difference = (leftParts[index] ?? 0) - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Why a contract version cannot be read, as one sentence; undefined when it can (every 0.x). */
export function versionRefusal(version: string): string | undefined {
  const major = Number(version.split('.')[0]);
  if (major === 0) return undefined;
  return `The artifacts have contract version ${version}, but this floe reads 0.x only (it writes ${contractVersion}).`;
}

/** True for a 0.x version that is newer than what this package knows. */
export function isNewerVersion(version: string): boolean {
  return compareVersions(version, contractVersion) > 0;
}
