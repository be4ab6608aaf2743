#!/bin/sh
# Makes the locks again; needs uv. Only what reads DAGs: dbt is not needed for that.
cd "$(dirname "$0")" || exit 1
for version in 3.0 3.1 3.2; do
  uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links "airflow-$version.in" --output-file "airflow-$version.txt" || exit 1
done
