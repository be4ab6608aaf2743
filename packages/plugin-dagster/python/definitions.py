"""The code location of one floe product: reads dagster.json beside this file; imports neither dbt nor its manifest."""

from __future__ import annotations

import sys
from pathlib import Path

# The folder that was deployed, also when it was reached through a link that moves on with the next deployment.
_BUNDLE = Path(__file__).resolve().parent
sys.path.insert(0, str(_BUNDLE))

from floe_dagster.product_definitions import product_definitions  # noqa: E402

defs = product_definitions(_BUNDLE)
