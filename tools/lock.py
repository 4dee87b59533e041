"""Pin every Python package with hashes, for all platforms, naming no index, and complete the npm lock.

A registry mirror may lack the optional packages of other platforms; npm then leaves them out of the lock, and ``npm
ci`` refuses a lock that misses any. They are listed here without a checksum.

Needs uv, which it takes from the environment (``pip install uv``); used by those who change dependencies only.
"""

import json
import subprocess
import sys
from pathlib import Path

FILES = {
    "requirements.txt": [],
    "requirements-dev.txt": ["--group", "dev"],
    "requirements-bench.txt": ["--group", "bench"],
}
FLAGS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--quiet",
]


def main() -> int:
    """Write the requirements files anew."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    for name, groups in FILES.items():
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            *FLAGS,
            *groups,
            "pyproject.toml",
            "-o",
            name,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    complete(Path("ui/package-lock.json"))
    return 0


def complete(path: Path) -> None:
    """Add the missing optional platform packages to an npm lock file."""
    lock = json.loads(path.read_text(encoding="utf-8"))
    packages = lock["packages"]
    for package in list(packages.values()):
        for name, version in package.get("optionalDependencies", {}).items():
            if f"node_modules/{name}" not in packages:
                system, cpu, *libc = name.rsplit("/", 1)[-1].removeprefix("cli-").split("-")
                entry = {"version": version, "cpu": [cpu], "dev": True, "optional": True, "os": [system]}
                packages[f"node_modules/{name}"] = entry | ({"libc": libc} if libc else {})
    lock["packages"] = dict(sorted(packages.items()))
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
