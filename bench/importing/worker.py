"""Runs one import as a worker does and prints what it took: ``python -m bench.importing.worker IMPORT_ID``."""

import json
import resource
import sys
import time
from importlib import import_module


def main(import_id: int) -> None:
    """Print state, seconds and peak resident memory (MiB) of this process and of the reading child."""
    import_module("django").setup()
    runner = import_module("qingdan.intake.runner")
    phases: dict[str, float] = {}
    began = time.perf_counter()

    def told(phase: str, done: int, total: int) -> None:  # noqa: ARG001 - the runner's call
        phases.setdefault(phase, round(time.perf_counter() - began, 2))

    state = runner.run(import_id, told=told)
    seconds = time.perf_counter() - began
    own, child = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "state": str(state),
                "seconds": round(seconds, 2),
                "reading": phases.get("storing"),
                "worker_mib": own.ru_maxrss >> 10,
                "child_mib": child.ru_maxrss >> 10,
                "worker_cpu": round(own.ru_utime + own.ru_stime, 2),
                "child_cpu": round(child.ru_utime + child.ru_stime, 2),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
