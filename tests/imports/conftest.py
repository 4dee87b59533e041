import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from qingdan.intake import actions
from qingdan.intake.models import Import
from qingdan.orders.actions import ensure_merchant
from qingdan.orders.actors import Actor
from qingdan.sandbox.samples import write_sample

AS_OF = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Douyin export of 1,200 orders."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample("s2", folder, seed=7, count=1200)
    return next(folder.glob("*.csv"))


@pytest.fixture
def merchant(transactional_db: None) -> int:
    return ensure_merchant(f"商家{uuid4()}").pk


NewImport = Callable[..., Import]


@pytest.fixture
def new_import(export: Path) -> NewImport:
    def make(merchant: int, *, queue: bool = False, path: Path = export) -> Import:
        with path.open("rb") as stream:
            return actions.create_import(
                merchant,
                [actions.Upload(path.name, stream)],
                actor=Actor("user", "1", "李主管"),
                as_of=AS_OF,
                queue=queue,
            )

    return make


@pytest.fixture
def start_process(tmp_path: Path) -> Callable[[int, int], subprocess.Popen[bytes]]:
    """Start a real process that runs one import in this test's database."""

    def start(import_id: int, chunk: int) -> subprocess.Popen[bytes]:
        at = connection.settings_dict
        account = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}"
        host = quote(at["HOST"] or "", safe="")
        url = f"postgresql://{account}@/{at['NAME']}?host={host}&port={at['PORT']}"
        # uploads lie in HOME/uploads, so HOME is the folder that this test's uploads are in
        home = Path(settings.UPLOADS).parent
        environment = {**os.environ, "DATABASE_URL": url, "QINGDAN_HOME": str(home)}
        script = Path(__file__).parent / "run_one.py"
        return subprocess.Popen([sys.executable, str(script), str(import_id), str(chunk)], env=environment)

    return start
