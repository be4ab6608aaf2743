// Compiles a project that dbt has parsed, in this fresh process, and prints what that cost: `compile-once.js FOLDER PYTHON`.
const before = process.cpuUsage();
const began = performance.now();
const { compileGenerated } = await import('./product/compile-product.js');
const imported = { cpu: process.cpuUsage(before), wall: performance.now() - began };

const [directory = '', python = ''] = process.argv.slice(2);
const start = { cpu: process.cpuUsage(), wall: performance.now() };
const call = { signal: new AbortController().signal, timeoutMs: 120_000 };
const { pipeline } = await compileGenerated(directory, python, call);
const cpu = process.cpuUsage(start.cpu);
const document = {
  wall_seconds: (performance.now() - start.wall) / 1_000,
  cpu_seconds: (cpu.user + cpu.system) / 1_000_000,
  peak_bytes: process.resourceUsage().maxRSS * 1_024,
  import_wall_seconds: imported.wall / 1_000,
  import_cpu_seconds: (imported.cpu.user + imported.cpu.system) / 1_000_000,
  assets: pipeline.assets.length,
  checks: pipeline.checks.length,
};
process.stdout.write(`${JSON.stringify(document)}\n`);

export {};
