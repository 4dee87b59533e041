"""Build hook: put the built web pages into the wheel, with the Node of the build environment."""

import os
import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
BUILT = ROOT / "src/qingdan/web/static/ui/index.html"


class WebPages(BuildHookInterface):
    """Runs ``npm ci`` and the Vite build unless the pages are there already or are not wanted."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Build before the files are collected."""
        if version == "editable" or os.environ.get("QINGDAN_BUILD_UI") == "0":
            return
        if not BUILT.exists():
            for arguments in (["ci"], ["run", "build"]):
                subprocess.run([sys.executable, "tools/node.py", "-C", "ui", *arguments], cwd=ROOT, check=True)
        if not BUILT.exists():
            raise RuntimeError(f"The web build did not write {BUILT}.")
        build_data["artifacts"] = ["src/qingdan/web/static/ui/**"]
