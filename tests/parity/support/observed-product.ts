import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@floe/test-products/repository';

/** A copy of an example product whose traces and lineage go to receivers of a test. */
export class ObservedProduct {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copy(
    example: string,
    orchestrator: string,
    receivers: { readonly traces: string; readonly protocol: 'grpc' | 'http'; readonly lineage: string },
  ): Promise<ObservedProduct> {
    const folder = await mkdtemp(join(tmpdir(), `floe-${example}-`));
    await cp(join(repositoryRoot, 'examples', example), folder, { recursive: true });
    // as after `npm install` of the plugins
    await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
    const product = new ObservedProduct(folder);
    await product.edit('manifest.yaml', (text) =>
      [
        text.replace(/(orchestrator:\s+type: )\S+/u, `$1${orchestrator}`).trimEnd(),
        'observability:',
        `  tracing: {endpoint: '${receivers.traces}', protocol: ${receivers.protocol}}`,
        `  lineage: {transport: http, endpoint: '${receivers.lineage}'}`,
        '',
      ].join('\n'),
    );
    return product;
  }

  async edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.folder, file);
    const before = await readFile(path, 'utf8');
    const after = change(before);
    if (after === before) throw new TypeError(`the change of ${file} changed nothing`);
    await writeFile(path, after);
  }

  async add(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
