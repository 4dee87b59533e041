"""Make the virtual environment with everything pinned. Standard library only: it runs before anything is installed.

Usage: python3 tools/bootstrap.py VENV REQUIREMENTS
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def main() -> int:
    """Create VENV, install REQUIREMENTS by hash and this tree in editable form."""
    if sys.version_info < (3, 11):
        return _fail(
            f"Qingdan needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try make PYTHON=python3.12"
        )
    target, requirements = Path(sys.argv[1]), Path(sys.argv[2])
    if not _create(target):
        return _fail("Python's venv module is incomplete here. On Debian or Ubuntu: apt-get install python3-venv")
    python = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _run([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(requirements)])
    _run([*pip, "--no-build-isolation", "--no-deps", "-e", "."], env=os.environ | {"QINGDAN_BUILD_UI": "0"})
    return 0


def _create(target: Path) -> bool:
    if _try_create(target):
        return True
    # Debian ships venv without ensurepip; as root on a throw-away machine we may add the missing package.
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "python3-venv"])
        return _try_create(target)
    return False


def _try_create(target: Path) -> bool:
    try:
        venv.create(target, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError):
        return False
    return True


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True, env=env)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
