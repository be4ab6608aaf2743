/** Lines of a lock file that name a host: an install would go there instead of to the configured registry. */
export function linesWithHost(lock: string): string[] {
  return lock.split('\n').filter((line) => /https?:\/\/|--(?:extra-)?index-url|--find-links|tarball:/.test(line));
}

/** Only Linux runs the repository, so these have no other variants in the lock. */
const linuxOnly = new Set(['node', '@pnpm/exe']);

/** Native packages of which a colleague on macOS or Windows would miss the variant (a lock made elsewhere loses them silently). */
export function missingVariants(lock: string): string[] {
  const names = new Set([...lock.matchAll(/^ {2}'?((?:@[\w.-]+\/)?[\w.-]+?)@/gm)].map((match) => match[1] ?? ''));
  const families = new Set([...names].flatMap((name) => /^(.+)[-.]linux-x64/.exec(name)?.[1] ?? []));
  return [...families]
    .filter((family) => !linuxOnly.has(family))
    .flatMap((family) =>
      ['linux-arm64', 'darwin-arm64', 'win32-x64']
        .map((platform) => `${family}-${platform}`)
        .filter((wanted) => ![...names].some((name) => name.startsWith(wanted))),
    );
}
