"""Protected files in the browser: the others go on, the page asks, a wrong password asks again, nothing is kept."""

import io
from typing import Any

import pytest
import pyzipper
from cast import Browser, Team
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from qingdan.intake import runner, unlocking
from qingdan.intake.models import ImportFile, ImportPasswords
from qingdan.people.rights import Role
from qingdan.sandbox.samples import write_sample

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = "Abc-密码1", "tb-8842"


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    folder = tmp_path_factory.mktemp("samples")
    write_sample("s1", folder, seed=3, count=40)
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.csv"))]


def protected(name: str, content: bytes, password: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, content)
    return out.getvalue()


def run(person: Browser, key: int) -> dict[str, Any]:
    runner.run(key)
    shown: dict[str, Any] = person.get(f"/api/imports/{key}").json()
    return shown


def states(shown: dict[str, Any]) -> list[str]:
    return [file["state"] for file in shown["files"]]


def test_the_others_go_on_and_each_file_opens_with_its_own_password(
    ours: Team, theirs: Team, exports: list[tuple[str, bytes]]
) -> None:
    agent = ours.browser(Role.AGENT)
    one, two, plain = exports[0], exports[1], exports[-1]
    drop = [plain, ("一.zip", protected(*one, FIRST)), ("二.zip", protected(*two, SECOND))]
    made = agent.post("/api/imports", data={"files": [SimpleUploadedFile(*file) for file in drop]}).json()
    key, address = made["id"], f"/api/imports/{made['id']}/passwords"
    assert agent.post(address, {"passwords": [FIRST]}).status_code == 409

    shown = run(agent, key)
    assert (shown["state"], states(shown)) == ("done", ["done", "needs_password", "needs_password"])
    assert shown["new"] == shown["orders"] > 0
    assert shown["files"][1]["error"]["code"] == "file_encrypted"

    assert agent.post(address, {"passwords": ["不对"]}).json()["state"] == "queued"
    shown = run(agent, key)
    assert states(shown) == ["done", "needs_password", "needs_password"]
    assert {file["error"]["code"] for file in shown["files"][1:]} == {"password_wrong"}

    agent.post(address, {"passwords": [FIRST]})
    assert states(run(agent, key)) == ["done", "done", "needs_password"]
    agent.post(address, {"passwords": [SECOND]})
    shown = run(agent, key)
    assert states(shown) == ["done", "done", "done"]
    assert not ImportPasswords.objects.exists()
    assert agent.post(address, {"passwords": [SECOND]}).status_code == 409

    other = theirs.browser(Role.SUPERVISOR)
    whole = other.post("/api/imports", data={"files": [SimpleUploadedFile(*file) for file in (plain, one, two)]}).json()
    expected = run(other, whole["id"])
    figures = ("orders", "new", "changed", "unchanged", "rows")
    assert [shown[name] for name in figures] == [expected[name] for name in figures]


def test_a_drop_of_locked_files_alone_asks_too_and_the_password_stands_nowhere_in_clear(
    ours: Team, exports: list[tuple[str, bytes]]
) -> None:
    agent = ours.browser(Role.AGENT)
    file = SimpleUploadedFile("一.zip", protected(*exports[0], FIRST))
    key = agent.post("/api/imports", data={"files": [file]}).json()["id"]
    shown = run(agent, key)
    assert (shown["state"], states(shown)) == ("failed", ["needs_password"])

    agent.post(f"/api/imports/{key}/passwords", {"passwords": [FIRST]})
    assert not [job for job in ProcrastinateJob.objects.all() if FIRST in str(job.args)]
    assert FIRST.encode() not in bytes(ImportPasswords.objects.get().sealed)
    shown = run(agent, key)
    assert (shown["state"], states(shown), shown["error"]) == ("done", ["done"], None)
    assert not ImportPasswords.objects.exists()
    assert FIRST not in str(list(ImportFile.objects.values()))


def test_passwords_that_nobody_comes_back_to_are_wiped(ours: Team, exports: list[tuple[str, bytes]]) -> None:
    agent = ours.browser(Role.AGENT)
    file = SimpleUploadedFile("一.zip", protected(*exports[0], FIRST))
    key = agent.post("/api/imports", data={"files": [file]}).json()["id"]
    run(agent, key)
    agent.post(f"/api/imports/{key}/passwords", {"passwords": ["不对"]})
    run(agent, key)
    assert unlocking.forget_old() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE intake_importpasswords SET given_at = given_at - interval '61 minutes'")
    assert unlocking.forget_old() == 1
