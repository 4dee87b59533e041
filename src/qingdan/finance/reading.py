"""Reading an uploaded bill in the limited child process: archives taken apart, each bill's rows as entries. No Django.

The frames are left in the folder of the work order: ``entries-<n>.arrow`` (``ENTRY_SCHEMA``) and
``refused-<n>.arrow`` (``REFUSED_SCHEMA``).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from qingdan.core.message import Message
from qingdan.finance.bills import Bill, read_bill
from qingdan.finance.coverage import stated_period, whole_days
from qingdan.finance.messages import UnreadableBill, message
from qingdan.finance.tables import tables
from qingdan.intake.archives import Problem, expand
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.spool import as_arrow

TASK: Final = "bill"
LIMIT: Final = 512 << 20
"""Largest bill that is read, in bytes."""
_HEAD: Final = 4096
_SUMMARY: Final = "finance.bill_summary"
_OTHER_SHEETS: Final = (_SUMMARY, "finance.bill_unknown", "finance.bill_empty")
Tell = Callable[[Mapping[str, Any]], None]


def read(order: Mapping[str, Any], tell: Tell) -> None:
    """Read the files of a work order (``path``, ``name``) and tell one ``bill`` event for each file in it.

    A summary that lies beside a bill in an archive is passed over, and so are a workbook's sheets that are no bill.
    """
    folder = Path(order["folder"])
    place = folder / "inner"
    place.mkdir()
    number = 0
    found = expand(Path(order["path"]), order["passwords"], place, name=order["name"])
    for one in found:
        tell({"event": "progress", "file": one.name})
        if isinstance(one, Problem):
            tell(_failed(one.name, one.message, protected=one.protected))
            continue
        if one.path.stat().st_size > LIMIT:
            tell(_failed(one.name, message("bill_too_large", file=one.name, limit=LIMIT >> 20)))
            continue
        try:
            parts = tables(one.path, name=one.name)
        except UnreadableFile as error:
            tell(_failed(one.name, error.message))
            continue
        unread: list[tuple[str, Message]] = []
        before = number
        for name, data in parts:
            try:
                bill = read_bill(data, file=name)
            except UnreadableBill as error:
                unread.append((name, error.message))
                continue
            (folder / f"entries-{number}.arrow").write_bytes(as_arrow(bill.entries))
            (folder / f"refused-{number}.arrow").write_bytes(as_arrow(bill.refused))
            tell(_told(name, bill, data, number))
            number += 1
        for name, why in unread:
            alone = len(parts) == 1
            # a workbook's other sheets explain; a summary lies beside its details
            beside = (why.id == _SUMMARY and len(found) > 1) if alone else (why.id in _OTHER_SHEETS and number > before)
            if not beside:
                tell(_failed(name, why))


def _failed(name: str, why: Message, *, protected: bool = False) -> dict[str, Any]:
    return {"event": "bill", "file": name, "problem": why.record(), "protected": protected}


def _told(name: str, bill: Bill, data: bytes, number: int) -> dict[str, Any]:
    return {
        "event": "bill",
        "file": name,
        "number": number,
        "format": bill.format.id,
        "family": bill.format.family,
        "entries": bill.entries.height,
        "refused": bill.refused.height,
        "period": [moment.isoformat() for moment in _period(bill, data)],
        "problem": None,
    }


def _period(bill: Bill, data: bytes) -> tuple[Any, ...]:
    """Return the time that a bill is of: what it states, else the days of its entries; nothing for an empty one."""
    for encoding in ("utf-8", "gb18030"):
        stated = stated_period(data[:_HEAD].decode(encoding, errors="ignore"))
        if stated is not None:
            return stated
    times = bill.entries["at"]
    return () if bill.entries.is_empty() else whole_days(times.min(), times.max())  # type: ignore[arg-type]
