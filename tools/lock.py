"""Pin every Python package with hashes, for all platforms, naming no index.

Needs uv, which it takes from the environment (``pip install uv``); used by those who change dependencies only.
"""

import subprocess
import sys

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
    return 0


if __name__ == "__main__":
    sys.exit(main())
