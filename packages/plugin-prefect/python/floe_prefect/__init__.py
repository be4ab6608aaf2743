"""Runs one floe product as a Prefect flow. Everything was decided when the product was compiled."""
