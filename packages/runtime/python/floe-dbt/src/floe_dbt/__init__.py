"""The child process of floe-runtime: calls dbt and writes one JSON line for each node event."""
