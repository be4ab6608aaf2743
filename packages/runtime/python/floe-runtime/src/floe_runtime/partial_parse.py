"""The shared folder of dbt's partial parse."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from floe_runtime.plan import DbtCall


def partial_parse_folder(data_dir: Path, dbt: DbtCall, variables: object) -> Path:
    """
    Where the partial parse of this project, target, profile and variables is kept between runs. The dbt version is
    added by the child, which alone knows it.
    """
    identity = json.dumps([dbt.project_name, dbt.target, dbt.profile, variables], sort_keys=True)
    return data_dir / ".partial-parse" / hashlib.sha256(identity.encode()).hexdigest()[:16]
