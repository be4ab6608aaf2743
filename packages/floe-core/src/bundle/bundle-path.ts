/** True for a relative path of a file with forward slashes that stays inside of the bundle. */
export function isBundlePath(path: string): boolean {
  const parts = path.split('/');
  return (
    !path.includes('\\') && !path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
  );
}
