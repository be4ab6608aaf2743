#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  refuse(`floe needs Node.js 22.19 or newer; this is ${process.versions.node}. Install a newer Node.js and try again.`);
} else if (!existsSync(main)) {
  refuse('This floe is not built yet. Run `npx nx build @floe/cli` in its repository and try again.');
} else {
  await import(main.href);
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
