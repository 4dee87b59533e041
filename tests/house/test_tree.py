"""The tree keeps its own rules: no leftovers, no machine paths, no registry hosts in lock files."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_nothing_names_a_path_of_a_machine() -> None:
    home = re.compile(r"/(?:home|Users)/[a-z]+/|/root/|/work/(?!flow)|/tmp/w/")
    bad = [str(p.relative_to(ROOT)) for p, text in texts() if p != Path(__file__).resolve() and home.search(text)]
    assert bad == []


def test_lock_files_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, name
        assert "index-url" not in text, name
        assert text.count("--hash=sha256:") >= 20, name
    locks = [p for p in tracked() if p.name == "package-lock.json"]
    assert locks
    for path in locks:
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"].values()
        assert not [p for p in packages if "resolved" in p], path


def test_no_module_grows_beyond_reading() -> None:
    code = [p for p in tracked() if p.suffix in {".py", ".ts", ".tsx"} and "src" in p.parts]
    long = {
        str(p.relative_to(ROOT)): n
        for p in code
        if (n := p.read_text(encoding="utf-8").count("\n")) > 500 and p.name not in {"schema.d.ts", "fields.py"}
    }
    assert long == {}


def test_phone_numbers_are_generated_ones() -> None:
    phone = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
    allowed = re.compile(r"1[3-9][089]0000\d{4}|1[38]000000000|13800138000|18400000000")
    bad = {
        f"{p.relative_to(ROOT)}: {number}"
        for p, text in texts()
        if p.suffix not in {".txt", ".json"}
        for number in phone.findall(text)
        if not allowed.fullmatch(number)
    }
    assert bad == set()


def test_advisory_locks_are_each_of_one_purpose() -> None:
    taken = re.compile(r"^_?\w*LOCK\w*(?:: Final)? = (0x[0-9A-F]+)", re.MULTILINE)
    found = [
        number
        for path in tracked()
        if path.suffix == ".py" and "src" in path.parts
        for number in taken.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 10
    assert sorted(number for number in found if found.count(number) > 1) == []


def test_helpers_of_tests_have_names_of_their_own() -> None:
    names = [p.name for p in tracked() if p.suffix == ".py" and "tests" in p.parts and p.name != "conftest.py"]
    assert sorted(name for name in names if names.count(name) > 1) == []
