"""Runs dbt as a child process for an orchestrator. Standard library only; never imports dbt."""
