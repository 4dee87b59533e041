import json
from pathlib import Path

from qingdan.people.access import Needs
from qingdan.web.api import api

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "api.md"
DESCRIPTION = HOUSE / "ui" / "openapi.json"


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


def test_the_screens_are_typed_by_what_the_server_answers() -> None:
    """On failure: ``qingdan api-schema > ui/openapi.json``, then ``npm run api`` in ui."""
    assert json.loads(DESCRIPTION.read_text(encoding="utf-8")) == json.loads(json.dumps(api.get_openapi_schema()))
