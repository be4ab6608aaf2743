const environmentCall =
  /\{\{\s*env_var\(\s*['"](?<name>\w+)['"]\s*(?:,\s*['"](?<fallback>[^'"]*)['"]\s*)?\)[^}]*\}\}/gu;

/** Replaces dbt's `env_var()`; a variable that is not set stands there by its name. The runtime does the same. */
export function expandEnvironment(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(environmentCall, (_call, name: string, fallback: string | undefined) => {
    return environment[name] ?? fallback ?? `$${name}`;
  });
}
