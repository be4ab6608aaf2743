"""Shows one floe product as native Dagster definitions. Everything was decided when the product was compiled."""
