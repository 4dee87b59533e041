"""The field catalogue as table columns: the one place where a catalogue type becomes a database type."""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qingdan.core.fields import LINE_FIELDS, ORDER_FIELDS, Field, Source, Type

MONEY_LIMIT: Final = 90_000_000_000_000
"""Largest amount in fen, either way: 900 billion yuan, so that a sum of a hundred thousand orders fits in 64 bits."""

_PLAIN: Final["dict[Type, type[models.Field[Any, Any]]]"] = {
    Type.ENUM: models.TextField,
    Type.TEXT: models.TextField,
    Type.INT: models.BigIntegerField,
    Type.MONEY: models.BigIntegerField,
    Type.TIME: models.DateTimeField,
    Type.DURATION: models.BigIntegerField,
    Type.BOOL: models.BooleanField,
}

FACTS: Final = tuple(f for f in ORDER_FIELDS if f.source is not Source.LEDGER and f.id != "shop")
"""Order fields that are stored as they come; ``shop`` is stored as a foreign key, ``stage`` is the ledger's own."""


def column(field: Field) -> "models.Field[Any, Any]":
    """Return the model field that stores ``field``."""
    if field.type is Type.ENUM_LIST:
        return ArrayField(models.TextField(), verbose_name=field.zh, null=field.nullable)
    return _PLAIN[field.type](verbose_name=field.zh, null=field.nullable)


def constraints(table: str, fields: tuple[Field, ...]) -> list[models.BaseConstraint]:
    """Return what a table must hold of its catalogue columns: known enum values, amounts within bounds."""
    made: list[models.BaseConstraint] = []
    for field in fields:
        if field.type is Type.ENUM:
            made.append(
                models.CheckConstraint(
                    condition=Q(**{f"{field.id}__in": field.value_ids}), name=f"{table}_{field.id}_known"
                )
            )
        elif field.type is Type.ENUM_LIST:
            made.append(
                models.CheckConstraint(
                    # most lists are empty, and comparing sets is dear
                    condition=Q(**{field.id: []}) | Q(**{f"{field.id}__contained_by": list(field.value_ids)}),
                    name=f"{table}_{field.id}_known",
                )
            )
        elif field.type is Type.MONEY:
            made.append(
                models.CheckConstraint(
                    condition=Q(**{f"{field.id}__range": (-MONEY_LIMIT, MONEY_LIMIT)}),
                    name=f"{table}_{field.id}_bounded",
                )
            )
    return made


def add_columns(model: type[models.Model], fields: tuple[Field, ...]) -> None:
    """Give ``model`` a column for each of ``fields``."""
    for field in fields:
        column(field).contribute_to_class(model, field.id)


CHANNEL_GIVEN: Final = ~Q(channel="")
"""A platform is added as a folder of data, without a migration: which there are is known to the frames, not here."""

ORDER_CONSTRAINTS: Final = [
    *constraints("order", tuple(f for f in ORDER_FIELDS if f.id not in {"shop", "channel"})),
    models.CheckConstraint(condition=CHANNEL_GIVEN, name="order_channel_given"),
]
LINE_CONSTRAINTS: Final = constraints("line", LINE_FIELDS)
