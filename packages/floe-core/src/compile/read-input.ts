import { readFile } from 'node:fs/promises';
import { InputError } from '../errors/floe-error.js';

/** Reads a text file. @throws InputError FILE_NOT_FOUND or FILE_UNREADABLE, with the given next step */
export async function readInput(file: string, what: string, resolution: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new InputError({
      code: missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      message: missing ? `${what} was not found: ${file}` : `${what} cannot be read (${code}): ${file}`,
      resolution,
      context: { file },
    });
  }
}
