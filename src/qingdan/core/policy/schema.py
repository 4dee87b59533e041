"""JSON schema of policy files, made from the same tables that the loader reads by."""

from typing import Any, Final

from qingdan.core.policy.load import (
    POLICY_KEYS,
    POLICY_REQUIRED,
    ROW_KEYS,
    RULE_KEYS,
    SECTION,
    TABLE_KEYS,
    TIER_KEYS,
)
from qingdan.core.policy.model import OWNERS, Hit
from qingdan.core.policy.vocabulary import KEYWORDS, RULE_FIELDS

SCHEMA_ID: Final = "https://qingdan.example/schemas/policy.schema.json"

_TEXT: Final = {"type": "string", "minLength": 1}
_SCALAR: Final = {"type": ["string", "number", "boolean"]}
_WORD: Final = {"type": ["string", "integer"]}
_REF: Final = "#/$defs/"


def policy_schema() -> dict[str, Any]:
    """Schema of a policy file. Conditions are text in the rule language; ``$defs.vocabulary`` lists its names."""
    leaf = {name: {"$ref": f"{_REF}{name}"} for name in ("id", "title", "condition")}
    special: dict[str, Any] = {
        "id": leaf["id"],
        "title": leaf["title"],
        "policy": leaf["id"],
        "scope": leaf["condition"],
        "pass": leaf["condition"],
        "when": leaf["condition"],
        "until": _TEXT,
        "output": _SCALAR,
        "else": {"enum": [True, "是"]},
        "owner": {"enum": list(OWNERS)},
        "respond": _TEXT,
        "resolve": _TEXT,
        "hit": {"enum": [hit.value for hit in Hit]},
        "words": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _WORD, "minItems": 1},
        },
    }
    for kind, section in SECTION.items():
        special[section] = _list(_object(RULE_KEYS[kind], RULE_KEYS[kind][:3], special))
    special["tiers"] = _list(_object(TIER_KEYS, ("id", "title", "owner"), special), minimum=1)
    special["rows"] = _list(_object(ROW_KEYS, ("id",), special), minimum=1)
    special["tables"] = _list(_object(TABLE_KEYS, TABLE_KEYS, special))
    schema = _object(POLICY_KEYS, POLICY_REQUIRED, special)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Qingdan policy 审单策略",
        **schema,
        "$defs": {
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
            "title": {
                "anyOf": [_TEXT, {**_object(("zh", "en"), ("zh",), {"zh": _TEXT, "en": _TEXT})}],
            },
            "condition": {**_SCALAR, "description": "A condition in the rule language 条件"},
            "vocabulary": {
                "description": "Names that conditions may use",
                "fields": {
                    f.id: {
                        "type": f.type.value,
                        "zh": f.zh,
                        "en": f.en,
                        "nullable": f.nullable,
                        **({"values": {v.id: [v.zh, v.en] for v in f.values}} if f.values else {}),
                    }
                    for f in RULE_FIELDS
                },
                "keywords": {key: list(words) for key, words in KEYWORDS.items()},
            },
        },
    }


def _object(keys: tuple[str, ...], required: tuple[str, ...], parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: parts[key] for key in keys if key in parts},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: dict[str, Any], minimum: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": item, **({"minItems": minimum} if minimum else {})}
