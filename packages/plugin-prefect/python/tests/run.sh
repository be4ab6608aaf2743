#!/bin/sh
# Runs the tests of the loader: pytest from the environment of the tools, Prefect from the plugin's own.
cd "$(dirname "$0")/.." || exit 1
tools=../../../.floe/tools
packages=$("$tools/prefect/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])') || exit 1
PYTHONPATH="../../runtime/python/floe-runtime/src:$packages" exec "$tools/python/bin/python" -m pytest "$@"
