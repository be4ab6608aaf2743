"""The flow that looks for one floe product whether files and addresses have changed: reads prefect.json beside this."""

from __future__ import annotations

import sys
from pathlib import Path

# The folder that was deployed, also when it was reached through a link that moves on with the next deployment.
_BUNDLE = Path(__file__).resolve().parent
sys.path.insert(0, str(_BUNDLE))

from floe_prefect.sensor_flow import build_sensor_flow  # noqa: E402

sensor_flow = build_sensor_flow(_BUNDLE)
