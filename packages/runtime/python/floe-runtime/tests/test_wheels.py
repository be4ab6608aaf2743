"""The wheels that the npm package ships."""

from __future__ import annotations

import base64
import hashlib
import runpy
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[3]


def test_wheels_are_complete_and_the_same_each_time(tmp_path: Path) -> None:
    build_wheel = runpy.run_path(str(PACKAGE / "tools" / "build_wheels.py"))["build_wheel"]
    for name in ("floe-runtime", "floe-dbt"):
        first = build_wheel(PACKAGE / "python" / name, tmp_path / "one")
        second = build_wheel(PACKAGE / "python" / name, tmp_path / "two")
        assert first.read_bytes() == second.read_bytes()
        module = name.replace("-", "_")
        with zipfile.ZipFile(first) as wheel:
            names = wheel.namelist()
            record = wheel.read(f"{module}-0.1.0.dist-info/RECORD").decode().splitlines()
            assert {line.split(",")[0] for line in record} == set(names)
            for path, digest, size in (line.split(",") for line in record if not line.endswith(",,")):
                data = wheel.read(path)
                found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                assert (digest, int(size)) == (f"sha256={found}", len(data))
        assert f"{module}/py.typed" in names
        assert not any("__pycache__" in path for path in names)
