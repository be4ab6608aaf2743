"""Shows one floe product as native Airflow DAGs. Everything was decided when the product was compiled."""
