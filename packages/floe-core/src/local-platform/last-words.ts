import { open, readFile } from 'node:fs/promises';

const tailBytes = 16_384;

/** The last line of a log that says something: of a Python traceback, its message. */
export async function lastWords(logFile: string): Promise<string> {
  const lines = (await tail(logFile)).split('\n').filter((line) => line.trim() !== '' && !line.startsWith(' '));
  return lines.at(-1)?.trim() ?? 'it wrote nothing';
}

async function tail(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    if (size <= tailBytes) return await readFile(file, 'utf8');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, size - tailBytes);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
