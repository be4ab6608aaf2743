"""
Builds the pure-Python wheels of this package into `wheels/`, the same bytes each time. Needs only Python: the
distributions have no build step of their own, so no build backend has to be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
DISTRIBUTIONS = ("floe-runtime", "floe-dbt", "floe-observers")
EPOCH = (2020, 1, 1, 0, 0, 0)


def build_wheel(project: Path, wheels: Path) -> Path:
    """One wheel from a folder with pyproject.toml and src/."""
    settings = read_project(project / "pyproject.toml")
    name = settings["name"].replace("-", "_")
    info = f"{name}-{settings['version']}.dist-info"
    sources = project / "src"
    files = {
        file.relative_to(sources).as_posix(): file.read_bytes()
        for file in sorted(sources.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts and not file.name.endswith(".pyc")
    }
    files[f"{info}/METADATA"] = metadata(settings).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: floe\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{path},{digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheels.mkdir(parents=True, exist_ok=True)
    target = wheels / f"{name}-{settings['version']}-py3-none-any.whl"
    fresh = target.with_suffix(".new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    fresh.replace(target)
    return target


def read_project(file: Path) -> dict[str, str]:
    """The few settings of pyproject.toml that a wheel needs; tomllib is not in Python 3.10."""
    text = file.read_text("utf-8")
    settings = dict(re.findall(r'^([a-z-]+) = "([^"]*)"$', text, re.MULTILINE))
    dependencies = re.search(r"^dependencies = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    settings["dependencies"] = "\n".join(re.findall(r'"([^"]+)"', dependencies.group(1))) if dependencies else ""
    return settings


def metadata(settings: dict[str, str]) -> str:
    """The METADATA file."""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {settings['name']}",
        f"Version: {settings['version']}",
        f"Summary: {settings['description']}",
        f"License: {settings['license']}",
        f"Requires-Python: {settings['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in settings["dependencies"].splitlines()),
    ]
    return "\n".join(lines) + "\n"


def digest(data: bytes) -> str:
    """A hash as RECORD wants it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def main() -> int:
    """Builds all, removes older ones."""
    wheels = PACKAGE / "wheels"
    made = {build_wheel(PACKAGE / "python" / name, wheels) for name in DISTRIBUTIONS}
    for other in set(wheels.glob("*.whl")) - made:
        other.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
