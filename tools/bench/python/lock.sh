#!/bin/sh
# Makes the lock again; needs uv. What the Dagster plugin locks has the same version here, so that only the libraries
# that are compared differ. Without headers and comments, which would name this machine.
cd "$(dirname "$0")" || exit 1
uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links --constraints ../../../packages/plugin-dagster/python/locks/dagster-duckdb.txt \
  requirements.in --output-file dagster-dbt.txt || exit 1
