"""Files kept with orders: known kinds only, told by their first bytes, never by their names; never opened here."""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from django.conf import settings
from django.db import transaction

from qingdan.cases import talking
from qingdan.cases.errors import CaseRefusedError, NoSuchCaseError
from qingdan.cases.messages import message
from qingdan.cases.models import Attachment
from qingdan.people.models import User

LIMIT: Final = 10 << 20
"""Bytes of one file."""
MOST: Final = 30
"""Files of one order."""
_NAME_LENGTH: Final = 100
_HEAD: Final = 4096


class Kind(NamedTuple):
    """A kind of file: how it is served, and whether a page may show it instead of saving it."""

    name: str
    content_type: str
    shown: bool = False


_IMAGES: Final = (
    (b"\xff\xd8\xff", Kind("jpeg", "image/jpeg", shown=True)),
    (b"\x89PNG\r\n\x1a\n", Kind("png", "image/png", shown=True)),
    (b"GIF87a", Kind("gif", "image/gif", shown=True)),
    (b"GIF89a", Kind("gif", "image/gif", shown=True)),
)
_PDF: Final = Kind("pdf", "application/pdf")
_BEGIN: Final = (*_IMAGES, (b"%PDF-", _PDF))
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_OFFICE: Final = {
    "xlsx": Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
_OLD_OFFICE: Final = {"xls": Kind("xls", "application/vnd.ms-excel"), "doc": Kind("doc", "application/msword")}
_TEXT: Final = Kind("txt", "text/plain; charset=utf-8")
_TEXT_NAMES: Final = frozenset({"txt", "csv", "log"})
KINDS: Final = {
    kind.name: kind
    for kind in (*(kind for _, kind in _IMAGES), Kind("webp", "image/webp", shown=True), _PDF, *_OFFICE.values(),
                 *_OLD_OFFICE.values(), _TEXT)
}  # fmt: skip


class Upload(Protocol):
    """A file that came in."""

    @property
    def name(self) -> str | None:
        """The name that its owner gave it."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""


def kind_of(head: bytes, name: str) -> Kind | None:
    """Return the kind of a file by its first bytes; its name only chooses between kinds that begin alike."""
    ending = Path(name.lower()).suffix.removeprefix(".")
    kind = next((kind for magic, kind in _BEGIN if head.startswith(magic)), None)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        kind = KINDS["webp"]
    elif head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head:
        kind = _OFFICE.get(ending)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        kind = _OLD_OFFICE.get(ending)
    elif kind is None and ending in _TEXT_NAMES and head and not _CONTROL.search(head):
        kind = _TEXT
    return kind


def keep(user: User, order_id: int, upload: Upload) -> Attachment:
    """Keep a file with an order; it hangs on a comment once one names it. Raises ``CaseRefusedError``."""
    order = talking.order_of(user, order_id)
    if Attachment.objects.filter(order=order).count() >= MOST:
        raise CaseRefusedError(message("case.attachments_many", limit=MOST))
    content = upload.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise CaseRefusedError(message("case.attachment_large", limit=LIMIT >> 20))
    name = Path((upload.name or "").replace("\\", "/")).name.replace("\0", "")[-_NAME_LENGTH:] or "file"
    kind = kind_of(content[:_HEAD], name)
    if kind is None:
        raise CaseRefusedError(message("case.attachment_kind"))
    digest = hashlib.sha256(content).hexdigest()
    _write(digest, content)
    with transaction.atomic(durable=True):
        made = Attachment.objects.create(
            merchant_id=user.merchant_id,
            order=order,
            name=name,
            kind=kind.name,
            size=len(content),
            sha256=digest,
            by=user,
        )
    made.refresh_from_db()
    return made


def content(user: User, attachment_id: int) -> tuple[Attachment, bytes]:
    """Return a file with its bytes. Raises ``NoSuchCaseError``."""
    found = Attachment.objects.filter(merchant_id=user.merchant_id, pk=attachment_id).first()
    if found is None or not path(found.sha256).exists():
        raise NoSuchCaseError
    return found, path(found.sha256).read_bytes()


def path(digest: str) -> Path:
    """Return where the bytes of a file lie."""
    return Path(settings.UPLOADS).with_name("attachments") / digest[:2] / digest


def _write(digest: str, content: bytes) -> None:
    place = path(digest)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(place)
    finally:
        Path(temporary).unlink(missing_ok=True)
