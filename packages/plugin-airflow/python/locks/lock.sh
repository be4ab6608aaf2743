#!/bin/sh
# Makes the locks again; needs uv. Without headers and comments, which would name this machine.
cd "$(dirname "$0")" || exit 1
for adapter in duckdb postgres; do
  uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links "requirements-$adapter.in" --output-file "airflow-$adapter.txt" || exit 1
done
