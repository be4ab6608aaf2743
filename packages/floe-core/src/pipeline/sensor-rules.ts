import { posix } from 'node:path';
import type { OrchestrationSensor } from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import { settingError } from './pipeline-problems.js';
import type { Sensor } from './pipeline.js';

/** Seconds; anything shorter would be a burden for the orchestrator. */
const shortestInterval = 30;

/** Everything that is wrong with a sensor. */
export function sensorProblems(sensor: OrchestrationSensor, path: string, product: string): Problem[] {
  const problems: Problem[] = [];
  const report = (key: string, message: string, resolution: string): void => {
    problems.push(settingError('SENSOR_INVALID', `${path}.${key}`, `Sensor "${sensor.name}": ${message}`, resolution));
  };
  if (!Number.isInteger(sensor.interval) || sensor.interval < shortestInterval) {
    report(
      'interval',
      `the interval of ${sensor.interval} seconds is too short.`,
      `Write ${shortestInterval} or more.`,
    );
  }
  switch (sensor.type) {
    case 'product_succeeded':
      if (sensor.product === product) {
        report('product', `"${product}" would wait for itself.`, 'Name another product, or use a schedule.');
      } else if (!isName(sensor.product)) {
        report('product', `"${sensor.product}" is not the name of a product.`, 'Write the name in its floe.yaml.');
      }
      break;
    case 'asset_updated': {
      const parts = sensor.asset.split('/');
      if (parts.length < 2 || !parts.every(isName)) {
        report('asset', `"${sensor.asset}" is not product/name.`, 'Write it like orders/mart_daily_orders.');
      } else if (parts[0] === product) {
        report(
          'asset',
          `"${sensor.asset}" is made by this product, which would wait for itself.`,
          "Name another product's asset, or use a schedule.",
        );
      }
      break;
    }
    case 'file_changed': {
      const fault = pathFault(sensor.path);
      if (fault !== undefined) {
        report('path', `"${sensor.path}" ${fault}.`, 'Write an absolute path, or one relative to the data folder.');
      }
      break;
    }
    case 'http_ready': {
      const fault = urlFault(sensor.url);
      if (fault !== undefined) report('url', fault, 'Write a URL like https://host.example/path.');
      break;
    }
  }
  return problems;
}

/** The sensor of the pipeline that starts a job. */
export function toSensor(sensor: OrchestrationSensor, job: string): Sensor {
  const base = { name: sensor.name, enabled: sensor.enabled, interval: sensor.interval, job };
  switch (sensor.type) {
    case 'product_succeeded':
      return { ...base, type: sensor.type, product: sensor.product };
    case 'asset_updated':
      return { ...base, type: sensor.type, asset: sensor.asset };
    case 'file_changed':
      return { ...base, type: sensor.type, path: sensor.path };
    case 'http_ready':
      return { ...base, type: sensor.type, url: sensor.url };
  }
}

function isName(text: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text);
}

function pathFault(path: string): string | undefined {
  if (path.includes('\0')) return 'has a NUL character';
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(path)) return 'is a URL, not a path';
  if (path.includes('\\')) return 'has a backslash; folders are separated by "/"';
  if (path.endsWith('/')) return 'is a folder; a file is watched';
  if (path.startsWith('~')) return 'starts with "~", which means nothing to the orchestrator';
  if (posix.normalize(path).split('/').includes('..')) return 'leaves the data folder';
  return undefined;
}

/** The text of the URL is never repeated: it may hold a password. */
function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'the URL cannot be read.';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `the URL starts with "${url.protocol}".`;
  if (url.username !== '' || url.password !== '') return 'the URL has a user name or a password in it.';
  return undefined;
}
