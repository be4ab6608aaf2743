import type { CommandOutcome } from '../process/child-process.js';
import { PluginExecutionError } from '../errors/floe-error.js';

interface Cause {
  readonly pattern: RegExp;
  readonly message: string;
  readonly resolution: string;
}

/** What pip and uv print, by its cause; the first that fits counts. */
const causes: readonly Cause[] = [
  {
    pattern: /No space left on device|os error 28|Disk quota exceeded/i,
    message: 'the disk is full',
    resolution: 'Free some space (an environment takes about 500 MB) and run the command again.',
  },
  {
    pattern: /hash(es)? mismatch|do not match the hashes/i,
    message: 'a downloaded package is not the one that was locked',
    resolution:
      'The package index or a cache serves altered files: clear the caches of pip and uv, or use another index.',
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|UnknownIssuer|invalid peer certificate|certificate verify failed/i,
    message: 'the certificate of the package index is not trusted',
    resolution: 'Name your certificate authority in SSL_CERT_FILE and PIP_CERT, and run the command again.',
  },
  {
    pattern: /\b(401 Unauthorized|403 Forbidden|407 Proxy)/i,
    message: 'the package index or the proxy refused the download',
    resolution: 'Check the credentials of the package index that pip and uv are set to, and HTTPS_PROXY.',
  },
  {
    pattern:
      /dns error|name resolution|name or service not known|failed to fetch|error sending request|connection refused|connection reset|network is unreachable|timed? ?out|max retries exceeded|NewConnectionError|could not connect/i,
    message: 'packages could not be downloaded',
    resolution:
      'Check the network, HTTPS_PROXY, and the package index that pip and uv are set to (PIP_INDEX_URL, UV_DEFAULT_INDEX), and run the command again.',
  },
  {
    pattern: /no solution found|no matching distribution|no wheels? |not a supported wheel|is not compatible/i,
    message: 'a locked package does not exist for this machine or Python version',
    resolution: 'Use Python 3.10 to 3.13 (3.11 is tested) on Linux x64 or arm64.',
  },
];

/** Turns the end of an installer into an error; the output is kept without addresses, which may carry credentials. */
export function installationFailure(step: string, outcome: CommandOutcome, name: string): PluginExecutionError {
  const context = { environment: name, step };
  if (outcome.kind === 'cancelled') {
    return new PluginExecutionError({
      code: 'CANCELLED',
      message: `Making the Python environment ${name} was cancelled`,
      resolution: 'Run the command again; what was downloaded is kept.',
      context,
    });
  }
  if (outcome.kind === 'timed_out') {
    return new PluginExecutionError({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: `Making the Python environment ${name} took too long: ${step} did not finish in time`,
      resolution: 'Check the network, and run the command again; what was downloaded is kept.',
      context,
    });
  }
  if (outcome.kind === 'not_started') {
    return new PluginExecutionError({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: `Making the Python environment ${name} failed: ${step}: ${outcome.message}`,
      resolution:
        'Remove the folder of the environments (`environments` and `tools` in .floe) and run the command again.',
      context,
    });
  }
  const output = withoutAddresses(`${outcome.stdout}\n${outcome.stderr}`);
  const cause = causes.find(({ pattern }) => pattern.test(output));
  const end = outcome.kind === 'exited' ? `exit status ${outcome.exitCode}` : outcome.signal;
  return new PluginExecutionError({
    code: 'PYTHON_ENVIRONMENT_FAILED',
    message: `Making the Python environment ${name} failed: ${step}: ${cause?.message ?? `the installer ended with ${end}`}`,
    resolution: cause?.resolution ?? 'See the end of the output of the installer.',
    context: { ...context, output: lastLines(output, 15) },
  });
}

/** Text of pip and uv without the addresses of package indexes. */
export function withoutAddresses(text: string): string {
  return text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`<>)]+/gi, '<package index>')
    .replace(/host='[^']*'/g, "host='<package index>'")
    .replace(/\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|internal|local|cloud)\b(?::[0-9]+)?/gi, '<package index>');
}

function lastLines(text: string, count: number): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count);
}
