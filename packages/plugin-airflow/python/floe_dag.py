"""Airflow DAGs of one floe product: reads airflow.json beside this file; imports neither dbt nor its manifest."""

from __future__ import annotations

import sys
from pathlib import Path

# The folder that was deployed, also when it was reached through a link that moves on with the next deployment.
_BUNDLE = Path(__file__).resolve().parent
sys.path.insert(0, str(_BUNDLE))
# Another product that was read in this process before may have come with another release of the package.
for _name in [_name for _name in sys.modules if _name.partition(".")[0] == "floe_airflow"]:
    del sys.modules[_name]

from floe_airflow.product_dags import product_dags  # noqa: E402

globals().update(product_dags(_BUNDLE))
