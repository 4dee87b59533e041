"""JSON schema of packs of ship-by rules, made from the same tables that the loader reads by."""

from typing import Any, Final

from qingdan.core.fields import FIELDS
from qingdan.core.shiprules.load import (
    BAND_KEYS,
    EXEMPT_KEYS,
    LEADS_KEYS,
    PACK_KEYS,
    PACK_REQUIRED,
    RULE_KEYS,
    RULE_REQUIRED,
    STEP_KEYS,
)
from qingdan.core.shiprules.model import Adds, Effect, Event, Per, Start

SCHEMA_ID: Final = "https://qingdan.example/schemas/ship-rules.schema.json"

_TEXT: Final = {"type": "string", "minLength": 1}
_ID: Final = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
_SPAN: Final = {"type": "string", "pattern": "^[0-9]{1,4} ?(分钟|小时|天|min|h|d)$"}
_MONEY: Final = {"type": "string", "pattern": "^[0-9]{1,7}(\\.[0-9]{1,2})? ?元$"}
_PERCENT: Final = {"type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})? ?%$"}
_DATE: Final = {"type": "string", "format": "date"}
_TRUTH: Final = {"type": "boolean"}


def pack_schema() -> dict[str, Any]:
    """Schema of a pack file; dates are text in it, as editors that use the schema read them."""
    known: dict[str, Any] = {
        "pack": _ID,
        "id": _ID,
        "title": {"oneOf": [_TEXT, _object(("zh", "en"), ("zh", "en"), {"zh": _TEXT, "en": _TEXT})]},
        "channel": {"enum": list(FIELDS["channel"].value_ids)},
        "verify": _TEXT,
        "event": {"enum": [e.value for e in Event]},
        "start": {"enum": [s.value for s in Start]},
        "adds": {"enum": [a.value for a in Adds]},
        "per": {"enum": [p.value for p in Per]},
        "effect": {"enum": [e.value for e in Effect]},
        "provinces": {"type": "array", "items": {"enum": list(FIELDS["province"].value_ids)}},
        "shops": {"type": "array", "items": _TEXT},
        "times": {"type": "integer", "minimum": 1, "maximum": 100},
        "source": _TEXT,
    }
    known |= dict.fromkeys(("within", "after", "every", "ship", "pickup", "sign"), _SPAN)
    known |= dict.fromkeys(("flat", "floor", "cap", "below"), _MONEY)
    known |= dict.fromkeys(("percent", "share"), _PERCENT)
    known |= dict.fromkeys(("checked", "since", "until"), _DATE)
    known |= dict.fromkeys(("presale", "promise"), _TRUTH)
    known["bands"] = _list(_object(BAND_KEYS, (), known), 1)
    known["steps"] = _list(_object(STEP_KEYS, (), known) | {"anyOf": [_has("flat"), _has("percent"), _has("bands")]})
    known["exempt"] = _list(_object(EXEMPT_KEYS, ("since", "until"), known))
    known["leads"] = _list(_object(LEADS_KEYS, (), known))
    rule = known | {"verify": _TRUTH}
    known["rules"] = _list(_object(RULE_KEYS, RULE_REQUIRED, rule))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Qingdan ship-by rules",
    } | _object(PACK_KEYS, PACK_REQUIRED, known)


def _object(keys: tuple[str, ...], required: tuple[str, ...], known: dict[str, Any]) -> dict[str, Any]:
    properties = {key: known[key] for key in keys}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any], minimum: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": minimum}


def _has(key: str) -> dict[str, Any]:
    return {"required": [key]}
