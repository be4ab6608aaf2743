#!/bin/sh
# Makes the locks again; needs uv. What a plugin locks has the same version here, so that only the libraries that are
# compared differ. Without headers and comments, which would name this machine.
cd "$(dirname "$0")" || exit 1

# orchestrator, oldest Python of its plugin, what is compared with it
lock() {
  uv pip compile --quiet --universal --python-version "$2" --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links \
    --constraints "../../../packages/plugin-$1/python/locks/$1-duckdb.txt" \
    "$1-$3.in" --output-file "$1-$3.txt"
}

lock dagster 3.10 dbt && lock airflow 3.10 cosmos && lock prefect 3.11 dbt
