"""Runs one import in a process of its own, in small chunks: ``python run_one.py IMPORT_ID CHUNK``."""

import sys

import django

django.setup()

from qingdan.intake import runner, storing  # noqa: E402 - Django must be loaded first

storing.CHUNK = int(sys.argv[2])  # type: ignore[misc]
runner.run(int(sys.argv[1]))
