import { dbtRequirements } from '@floe/core/dbt/dbt-requirements';
import type { DefinitionFile } from '@floe/core/plugin-interfaces';
import { airflowVersion } from './airflow-versions.js';

/** Files from which a container image with the product is built: what it installs, and how. */
export function imageFiles(adapter: string): readonly DefinitionFile[] {
  return [
    { path: 'requirements.txt', content: requirements(adapter) },
    { path: 'Dockerfile', content: dockerfile },
  ];
}

function requirements(adapter: string): string {
  return [`apache-airflow==${airflowVersion}`, ...dbtRequirements(adapter), ''].join('\n');
}

/**
 * All components of Airflow run from this image: the triggerer and the workers need floe's runtime. The wheels are put
 * beside the bundle by `floe generate`.
 */
const dockerfile = `FROM apache/airflow:slim-${airflowVersion}-python3.11
ENV FLOE_DATA_DIR=/opt/airflow/data
COPY --chown=airflow:root requirements.txt wheels/ /opt/floe/
RUN pip install --no-cache-dir -r /opt/floe/requirements.txt \\
 && pip install --no-cache-dir --no-deps /opt/floe/*.whl && mkdir -p /opt/airflow/data
COPY --chown=airflow:root . /opt/airflow/dags/floe/
`;
