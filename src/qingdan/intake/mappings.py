"""Saved mappings and taught words: verbs, each one durable transaction, and the looks of the wizard."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from pydantic import ValidationError

from qingdan.channels.mapping import WORD_LISTS, Channel, Taught, Words, all_channels, channels_of, normal_name
from qingdan.core.fields import CHANNELS, FIELDS
from qingdan.core.message import Message
from qingdan.intake import actions, unlocking
from qingdan.intake.actions import upload_path
from qingdan.intake.archives import ARROW
from qingdan.intake.asking import WHOLE_SECONDS, Asked, ask_check, ask_look
from qingdan.intake.draft import VALUES, Draft
from qingdan.intake.lexicon import name_key
from qingdan.intake.mapping_messages import said
from qingdan.intake.messages import UnreadableFile
from qingdan.intake.models import Import, ImportFile, MappingCheck, SavedMapping, State, TaughtWord
from qingdan.intake.present import access_import, retry
from qingdan.orders.actors import Actor
from qingdan.orders.models import Order

CHECK: Final = "intake.check_mapping"
QUICK_BYTES: Final = 4 << 20
"""Tables up to this size are checked while the person waits, larger ones in the background."""
_PACKED: Final = 8
"""How many times smaller an archive may make a table; its own size says less about the work."""


class MappingError(Exception):
    """Something asked of the mappings was not done; ``message`` says why."""

    def __init__(self, what: str, /, **params: object) -> None:
        self.message = said(what, **params)
        super().__init__(self.message.text("en"))


class NoSuchMappingError(MappingError):
    """The merchant has no such mapping, check or file."""


class MappingConflictError(MappingError):
    """Another mapping has the name or the header."""


class BadMappingError(MappingError):
    """The mapping or the word is none that can be kept."""


class CanNotReadError(Exception):
    """The file can not be looked at; ``message`` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message


def taught(merchant: int) -> tuple[Channel, ...]:
    """Return what the merchant's imports compare headers with before the platforms' own mappings."""
    bodies = SavedMapping.objects.filter(merchant_id=merchant).order_by("-changed_at").values_list("body", flat=True)
    words: dict[str, dict[str, dict[str, str]]] = {}
    for row in TaughtWord.objects.filter(merchant_id=merchant):
        words.setdefault(row.channel, {}).setdefault(WORD_LISTS[row.column], {})[row.word] = row.value
    known = {channel: Words.model_validate(lists) for channel, lists in words.items()}
    return channels_of(Taught(mappings=tuple(map(Channel.model_validate, bodies)), words=known))


def past_choices(merchant: int) -> dict[str, str]:
    """Return the field that the team chose for each header before, by ``name_key``; the latest choice counts."""
    chosen: dict[str, str] = {}
    for row in SavedMapping.objects.filter(merchant_id=merchant).order_by("changed_at"):
        for table in Channel.model_validate(row.body).tables:
            for field, origin in table.columns.items():
                chosen |= {name_key(name): field for name in origin.any}
    return chosen


def file_of(merchant: int, import_id: int, position: int) -> tuple[Import, ImportFile, Path]:
    """Return a file of the merchant's import and where its bytes lie.

    Raises ``NoSuchImportError`` and ``NoSuchMappingError``.
    """
    drop = access_import(merchant, import_id)
    file = drop.files.filter(position=position).first()
    if file is None or not (path := upload_path(file.sha256, file.name)).exists():
        raise NoSuchMappingError("mapping.no_file")
    return drop, file, path


def look(
    merchant: int,
    import_id: int,
    position: int,
    *,
    sheet: str,
    header: int | None,
    inner: str = "",
    password: str | None = None,
) -> dict[str, Any]:
    """Look at a table of an import, ``inner`` by its name in an archive; raises ``CanNotReadError``.

    A ``password`` that opens it is kept, sealed, for the checks and the import that follow (``unlocking``).
    """
    drop, file, path = file_of(merchant, import_id, position)
    given = [password] if password else []
    asked = Asked(path, inner, (*given, *unlocking.passwords_for(import_id)), given=bool(given))
    try:
        seen = ask_look(asked, sheet=sheet, header=header, past=past_choices(merchant))
    except UnreadableFile as error:
        raise CanNotReadError(error.message) from error
    if given:
        unlocking.keep(import_id, given)
    seen["draft"]["shop"] = drop.shop or ""
    return {**seen, "file": seen["inner"] or file.name, "quick": _quick(file)}


def check(merchant: int, import_id: int, position: int, draft: Draft, *, inner: str = "") -> dict[str, Any]:
    """Check a draft on the whole table: at once when it is small, else in the background under the id that is given."""
    drop, file, path = file_of(merchant, import_id, position)
    if _quick(file):
        asked = Asked(path, inner, unlocking.passwords_for(import_id))
        try:
            result = ask_check(asked, draft, name=_stem(inner or file.name))
        except UnreadableFile as error:
            raise CanNotReadError(error.message) from error
        return {"id": None, "state": "done", "progress": 1.0, "result": result, "error": None}
    with transaction.atomic(durable=True):
        row = MappingCheck.objects.create(
            merchant_id=merchant, drop=drop, position=position, inner=inner, draft=draft.model_dump(mode="json")
        )
        app.configure_task(CHECK, queue=actions.QUEUE).defer(check_id=row.pk)
    row.refresh_from_db()
    return checked(row)


def _quick(file: ImportFile) -> bool:
    packed = file.name.lower().endswith(".zip")
    return file.size * (_PACKED if packed else 1) <= QUICK_BYTES


def checked(row: MappingCheck) -> dict[str, Any]:
    """Return a background check as the page sees it."""
    return {"id": row.pk, "state": row.state, "progress": row.progress, "result": row.result, "error": row.error}


def access_check(merchant: int, check_id: int) -> MappingCheck:
    """Return the merchant's check; raises ``NoSuchMappingError``."""
    row = MappingCheck.objects.filter(merchant_id=merchant, pk=check_id).first()
    if row is None:
        raise NoSuchMappingError("mapping.no_check")
    return row


def run_check(check_id: int) -> None:
    """Run a background check that is queued; older checks of the merchant are forgotten."""
    if not MappingCheck.objects.filter(pk=check_id, state="queued").update(state="running"):
        return
    row = MappingCheck.objects.get(pk=check_id)
    mine = MappingCheck.objects.filter(pk=check_id)
    MappingCheck.objects.filter(merchant_id=row.merchant_id, pk__lt=check_id).delete()

    def told(share: float) -> None:
        mine.update(progress=share)

    try:
        _, file, path = file_of(row.merchant_id, row.drop_id, row.position)
        draft = Draft.model_validate(row.draft)
        asked = Asked(path, row.inner, unlocking.passwords_for(row.drop_id))
        result = ask_check(asked, draft, name=_stem(row.inner or file.name), seconds=WHOLE_SECONDS, told=told)
    except (UnreadableFile, NoSuchMappingError) as error:
        mine.update(state="failed", progress=1.0, error=problem(error.message))
    else:
        mine.update(state="done", progress=1.0, result=result)


def problem(message: Message) -> dict[str, str]:
    """Return a message in the shape of the API's errors."""
    return {"code": message.id, **message.both()}


def _stem(name: str) -> str:
    plain = name.rpartition(ARROW)[2].rpartition("/")[2]
    return plain.rpartition(".")[0] or plain


def save(merchant: int, *, name: str, body: Mapping[str, Any], actor: Actor, mapping_id: int | None = None) -> int:
    """Keep a mapping, a new one or in place of ``mapping_id``; return its id.

    Raises ``BadMappingError``, ``MappingConflictError`` and ``NoSuchMappingError``.
    """
    channel = _valid(body)
    signature = signature_of(channel)
    values = {
        "name": name,
        "signature": signature,
        "body": channel.model_dump(mode="json", exclude_defaults=True),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
    }
    others = SavedMapping.objects.filter(merchant_id=merchant)
    if mapping_id is not None:
        others = others.exclude(pk=mapping_id)
    if other := others.filter(name=name).first():
        raise MappingConflictError("mapping.name_taken", name=other.name)
    if other := others.filter(signature=signature).first():
        raise MappingConflictError("mapping.header_taken", name=other.name)
    try:
        with transaction.atomic(durable=True):
            if mapping_id is None:
                return SavedMapping.objects.create(merchant_id=merchant, **values).pk
            kept = SavedMapping.objects.filter(merchant_id=merchant, pk=mapping_id)
            if not kept.update(**values, changed_at=Now()):
                raise NoSuchMappingError("mapping.not_found")
            return mapping_id
    except IntegrityError as error:
        raise MappingConflictError("mapping.name_taken", name=name) from error


def _valid(body: Mapping[str, Any]) -> Channel:
    try:
        channel = Channel.model_validate(body)
    except ValidationError as error:
        raise BadMappingError("mapping.bad_body") from error
    known = channel.channel in {c.id for c in CHANNELS} or channel.words.platforms
    tables = len(channel.tables) == 1 and all(channel.tables[0].signature) and channel.tables[0].signature
    if not known or not tables or channel.name is not None:
        raise BadMappingError("mapping.bad_body")
    return channel


def signature_of(channel: Channel) -> str:
    """Return the headers that a mapping's table is recognised by, as one text."""
    return "\n".join(sorted({normal_name(name) for group in channel.tables[0].signature for name in group}))


def access_mapping(merchant: int, mapping_id: int) -> SavedMapping:
    """Return the merchant's mapping; raises ``NoSuchMappingError``."""
    row = SavedMapping.objects.filter(merchant_id=merchant, pk=mapping_id).first()
    if row is None:
        raise NoSuchMappingError("mapping.not_found")
    return row


def delete(merchant: int, mapping_id: int) -> None:
    """Forget a mapping; orders that were read by it stay. Raises ``NoSuchMappingError``."""
    with transaction.atomic(durable=True):
        if not SavedMapping.objects.filter(merchant_id=merchant, pk=mapping_id).delete()[0]:
            raise NoSuchMappingError("mapping.not_found")


def import_again(merchant: int, import_id: int, position: int, *, actor: Actor) -> int:
    """Import a file that waited for its mapping; return the import that does it.

    An import that failed is run again; of one that others of its files made succeed, the file is imported anew.
    """
    drop, file, path = file_of(merchant, import_id, position)
    if drop.state in {State.FAILED, State.CANCELLED}:
        retry(merchant, import_id)
        return import_id
    with path.open("rb") as stream:
        upload = actions.Upload(file.name, stream)
        made = actions.create_import(merchant, [upload], actor=actor, as_of=drop.as_of, shop=drop.shop, queue=False)
    with transaction.atomic(durable=True):
        unlocking.keep(made.pk, unlocking.passwords_for(import_id))
        actions.wake(made.pk)
    return made.pk


def teach(merchant: int, *, channel: str, column: str, word: str, value: str, actor: Actor) -> None:
    """Say what a word of a platform means from the next import on; an empty ``value`` takes it back.

    Raises ``BadMappingError``.
    """
    known = column in WORD_LISTS and channel in {c.id for c in CHANNELS} and word.strip()
    if not known or (value and value not in FIELDS[VALUES[column]].value_ids):
        raise BadMappingError("mapping.word_unknown")
    key: dict[str, Any] = {"merchant_id": merchant, "channel": channel, "column": column, "word": word.strip()}
    with transaction.atomic(durable=True):
        if not value:
            TaughtWord.objects.filter(**key).delete()
            return
        values = {"value": value, "actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name}
        TaughtWord.objects.update_or_create(**key, defaults=values)


_SEVERAL_ROWS: Final = "；"
"""Between the words of an order whose rows have different ones."""


def unknown_words(merchant: int, import_id: int) -> list[dict[str, Any]]:
    """Return the status words of an import's orders that nobody knows, with how many orders have each.

    ``value`` is what the team has taught meanwhile. Raises ``NoSuchImportError``.
    """
    access_import(merchant, import_id)
    held = (
        Order.objects.filter(merchant_id=merchant, platform_state__isnull=True, platform_status__isnull=False)
        .filter(last_import=import_id)
        .values("channel", word=F("platform_status"))
        .annotate(n=Count("*"))
    )
    known = {c.channel: set(c.words.status_meanings) for c in all_channels()}
    counts: Counter[tuple[str, str]] = Counter()
    for row in held:
        for word in row["word"].split(_SEVERAL_ROWS):
            if normal_name(word) not in known.get(row["channel"], set()):
                counts[row["channel"], word] += row["n"]
    said_before = {
        (row.channel, row.word): row.value for row in TaughtWord.objects.filter(merchant_id=merchant, column="status")
    }
    return [
        {"channel": channel, "word": word, "count": count, "value": said_before.get((channel, word), "")}
        for (channel, word), count in counts.most_common()
    ]
