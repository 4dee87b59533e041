import sys
from pathlib import Path

for room in ("web", "intake"):
    sys.path.insert(0, str(Path(__file__).parents[1] / room))
