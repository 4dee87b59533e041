from pathlib import Path

from qingdan.people.access import Needs
from qingdan.web.api import api

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_page_lists_every_operation_with_its_right() -> None:
    listed = {
        tuple(cell.strip().strip("`") for cell in line.split("|")[1:3])
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `") and "/api/" in line
    }
    real = set()
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                door = operation.auth_callbacks[0]
                right = door.right.value if isinstance(door, Needs) else "none"
                plain = (prefix + path).replace("{int:", "{")
                real |= {(f"{method} /api{plain}", right) for method in operation.methods}

    assert listed == real
