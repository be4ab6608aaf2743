import { fileURLToPath } from 'node:url';

/** Folder of the Python parts of the bench, with a slash at its end. */
export const benchPython = fileURLToPath(new URL('../python/', import.meta.url));
