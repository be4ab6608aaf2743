#!/bin/sh
# Makes the locks again; needs uv. What a plugin locks has the same version here, so that only the libraries that are
# compared differ. Without headers and comments, which would name this machine.
cd "$(dirname "$0")" || exit 1

# orchestrator, oldest Python of its plugin
lock() {
  uv pip compile --quiet --universal --python-version "$2" --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links \
    --constraints "../../../packages/plugin-$1/python/locks/$1-duckdb.txt" \
    "$1-dbt.in" --output-file "$1-dbt.txt"
}

lock dagster 3.10 && lock prefect 3.11
