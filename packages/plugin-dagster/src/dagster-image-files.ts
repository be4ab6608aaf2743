import { dbtRequirements } from '@floe/core/dbt/dbt-requirements';
import type { DefinitionFile } from '@floe/core/plugin-interfaces';
import { dagsterLibraryVersion, dagsterVersion } from './dagster-versions.js';

/** Files from which a container image of a code location is built: what it installs, and how. */
export function imageFiles(adapter: string): readonly DefinitionFile[] {
  return [
    { path: 'requirements.txt', content: requirements(adapter) },
    { path: 'Dockerfile', content: dockerfile },
  ];
}

function requirements(adapter: string): string {
  return [
    `dagster==${dagsterVersion}`,
    `dagster-postgres==${dagsterLibraryVersion}`,
    `dagster-k8s==${dagsterLibraryVersion}`,
    ...dbtRequirements(adapter),
    '',
  ].join('\n');
}

/** The wheels of floe's runtime are put beside the bundle by `floe generate`. */
const dockerfile = `FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 FLOE_DATA_DIR=/data
WORKDIR /opt/floe
COPY requirements.txt wheels/ ./
RUN pip install --no-cache-dir --compile -r requirements.txt \\
 && pip install --no-cache-dir --compile --no-deps *.whl && rm *.whl
COPY . .
EXPOSE 4000
CMD ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p", "4000", "-f", "definitions.py"]
`;
