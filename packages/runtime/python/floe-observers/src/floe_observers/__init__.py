"""Lineage events and traces of a run. Nothing here is imported before a run that asks for it."""
