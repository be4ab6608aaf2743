"""The flow of one floe product: reads prefect.json beside this file; imports neither dbt nor its manifest."""

from __future__ import annotations

import sys
from pathlib import Path

# The folder that was deployed, also when it was reached through a link that moves on with the next deployment.
_BUNDLE = Path(__file__).resolve().parent
sys.path.insert(0, str(_BUNDLE))

from floe_prefect.product_flow import build_product_flow  # noqa: E402

product_flow = build_product_flow(_BUNDLE)
