"""Write the generated pages of docs/ (today: docs/fields.md). With --check, only tell whether they are current."""

import sys
from pathlib import Path

from qingdan.core.fields import CATALOGUE, GROUP_LABELS, Field, Group, Pii

ROOT = Path(__file__).resolve().parent.parent


def field_page() -> str:
    """docs/fields.md, made from the catalogue."""
    out = [
        "# Field catalogue 字段目录",
        "",
        "Made from `src/qingdan/core/fields.py` by `make docs`; do not edit by hand. Money is in fen, times are UTC.",
    ]
    for group in Group:
        zh, en = GROUP_LABELS[group]
        out += ["", f"## {zh} {en}", "", "| id | 中文 | English | type | empty? | personal | from | values |"]
        out += ["|---|---|---|---|---|---|---|---|"]
        out += [_row(f) for f in CATALOGUE if f.group is group]
    return "\n".join(out) + "\n"


def _row(field: Field) -> str:
    values = "、".join(f"`{v.id}` {v.zh}" if v.id != v.zh else v.zh for v in field.values)
    personal = "" if field.pii is Pii.NONE else field.pii.value
    empty = "yes" if field.nullable else ""
    cells = (f"`{field.id}`", field.zh, field.en, field.type.value, empty, personal, field.source.value, values)
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Write or check the pages."""
    stale = []
    for path, text in {ROOT / "docs" / "fields.md": field_page()}.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT))
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path} {'is stale: run make docs' if '--check' in sys.argv else 'written'}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
