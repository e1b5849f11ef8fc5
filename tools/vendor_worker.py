"""Fills ``python_modules/``, which wrangler ships beside the Worker: the contract, and pinned pure-Python packages.

Run by wrangler's build command and by the tests. Does nothing when everything is there already.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "python_modules"
STAMP = TARGET / ".vendored"
PACKAGES = ("itsdangerous==2.2.0", "workers-runtime-sdk==1.9.5")


def main() -> None:
    wanted = _fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    # A fresh folder: a module that was removed from the contract must not ship on.
    shutil.rmtree(TARGET, ignore_errors=True)
    install = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-compile"]
    subprocess.run([*install, "--target", str(TARGET), *PACKAGES], check=True)
    shutil.copytree(ROOT / "contract", TARGET / "contract", ignore=shutil.ignore_patterns("__pycache__"))
    STAMP.write_text(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256("\n".join(PACKAGES).encode())
    for path in sorted((ROOT / "contract").glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
