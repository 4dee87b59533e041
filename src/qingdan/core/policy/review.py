"""Review: a policy, orders and a moment → verdicts. The same facts for one order and for a frame of any height."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from qingdan.core.columns import ORDER_SCHEMA, TIME
from qingdan.core.fields import STAGES
from qingdan.core.lifecycle import STAGE_OF_PLATFORM_STATE, Stage, Verdict
from qingdan.core.policy.closure import Masks, closure
from qingdan.core.policy.columns import TRUE_MASK, UNKNOWN_MASK, Columns
from qingdan.core.policy.decide import Lattice, Outcome
from qingdan.core.policy.model import Deadline, Hit, Kind, Policy, Rule, Table
from qingdan.core.policy.snooze import SNOOZED, without
from qingdan.core.shipping import ShipDefaults, ship_by_expr, ship_by_one

SHOP_ZONE = "Asia/Shanghai"
_MEMO_SIZE = 4_096
_VARIANTS = 64
_VERDICT = pl.Enum([v.value for v in Verdict])
_STAGE = pl.Enum([v.id for v in STAGES])


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy ready to decide: the closure for one order, the plan for columns, and the lattice.

    ``variants`` are those that decide orders with snoozed rules, made when they are asked for.
    """

    policy: Policy
    closure: Masks
    columns: Columns
    lattice: Lattice
    tables: tuple[tuple[Table, Masks, Columns], ...]
    memo: dict[tuple[int, int], Outcome]
    variants: dict[str, "Compiled"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What review says of one order; the fields are those of the columns of ``review_columns``."""

    verdict: Verdict
    stage: Stage
    tier: str | None
    tier_tentative: bool
    reasons: str
    owner_role: str | None
    respond_by: datetime | None
    resolve_by: datetime | None
    ship_by_effective: datetime | None
    ship_by_assumed: bool
    true_mask: int
    unknown_mask: int
    tags: str


def compile_policy(policy: Policy) -> Compiled:
    """Both back ends of a policy; about a millisecond for a dozen rules."""
    tables = tuple((table, *_table_back_ends(policy, table)) for table in policy.tables)
    return Compiled(
        policy,
        closure(policy.rules, policy.words),
        Columns(policy.rules, policy.words),
        Lattice(policy),
        tables,
        {},
    )


def snoozing(compiled: Compiled, snoozed: str | None) -> Compiled:
    """The policy for orders with snoozed rules (ids joined by ``;``): the same one when there are none."""
    if not snoozed:
        return compiled
    found = compiled.variants.get(snoozed)
    if found is None:
        if len(compiled.variants) >= _VARIANTS:
            compiled.variants.clear()
        found = compiled.variants[snoozed] = compile_policy(without(compiled.policy, snoozed))
    return found


def _table_back_ends(policy: Policy, table: Table) -> tuple[Masks, Columns]:
    rules = [Rule(row.id, Kind.TAG, row.title, row.ast) for row in table.rows]
    return closure(rules, policy.words), Columns(rules, policy.words)


def masks_one(compiled: Compiled, order: Mapping[str, object], as_of: datetime) -> tuple[int, int]:
    """Masks of TRUE and of UNKNOWN rules of one order (field id → value); bit i is ``policy.rules[i]``.

    A field that is absent counts as null. Texts are read from ``<field>__norm`` where present, else normalised.
    """
    return _snoozing(compiled, order).closure(order, as_of)


def _snoozing(compiled: Compiled, order: Mapping[str, object]) -> Compiled:
    return snoozing(compiled, str(order.get(SNOOZED) or ""))


def masks_columns(compiled: Compiled, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One Boolean column a rule, in the policy's order, null where unknown; tier rows are named ``tier.<id>``."""
    moment = _utc(as_of)
    if SNOOZED not in orders.columns or not orders[SNOOZED].is_not_null().any():
        return compiled.columns.booleans(orders, moment)
    parts = orders.with_row_index("__place").partition_by(SNOOZED, as_dict=True)
    judged = [
        snoozing(compiled, rules).columns.booleans(part, moment).with_columns(part["__place"])
        for (rules,), part in parts.items()
    ]
    return pl.concat(judged).sort("__place").drop("__place")


def review_one(
    compiled: Compiled,
    order: Mapping[str, object],
    as_of: datetime,
    *,
    zone: str = SHOP_ZONE,
    shipping: ShipDefaults | None = None,
) -> Decision:
    """Decide one order at ``as_of`` (aware). Raises ValueError for a naive ``as_of``."""
    moment = _utc(as_of)
    true, unknown = masks_one(compiled, order, moment)
    outcome = outcome_of(compiled, true, unknown)
    tier = compiled.policy.tiers[outcome.tier] if outcome.tier is not None else None
    ship_by, assumed = ship_by_one(order, shipping or ShipDefaults(), zone)
    return Decision(
        verdict=outcome.verdict,
        stage=outcome.stage or _platform_stage(order.get("platform_state")),
        tier=tier.id if tier else None,
        tier_tentative=outcome.tier_tentative,
        reasons=outcome.reasons,
        owner_role=tier.owner if tier else None,
        respond_by=deadline(tier.respond, moment, zone) if tier else None,
        resolve_by=deadline(tier.resolve, moment, zone) if tier else None,
        ship_by_effective=ship_by,
        ship_by_assumed=assumed,
        true_mask=true,
        unknown_mask=unknown,
        tags=outcome.tags,
    )


def review_columns(
    compiled: Compiled,
    orders: pl.DataFrame,
    as_of: datetime,
    *,
    zone: str = SHOP_ZONE,
    shipping: ShipDefaults | None = None,
) -> pl.DataFrame:
    """Decide every order of a frame at ``as_of`` (aware), one row an order in the frame's order.

    Columns: verdict, stage (Enum), tier (String or null), tier_tentative, reasons (ids joined by ``;``), owner_role,
    respond_by, resolve_by, ship_by_effective (UTC), ship_by_assumed, true_mask, unknown_mask (Int64), tags.
    Missing columns count as null; a column ``snoozed`` names the rules that do not count (see ``snooze``).
    Raises ValueError for a naive ``as_of``.
    """
    moment = _utc(as_of)
    masks = compiled.columns.masks(masks_columns(compiled, orders, moment))
    # Orders share few pairs of masks: each pair is decided once, by the same lattice as a single order.
    distinct = masks.unique(maintain_order=True)
    decided = _decided(compiled, distinct, moment, zone)
    columns = orders.columns
    ship_by, assumed = ship_by_expr(columns, shipping or ShipDefaults(), zone)
    facts = orders.lazy().select(
        pl.repeat(value=0, n=pl.len(), dtype=pl.Int8).alias("__row"),
        ship_by.alias("ship_by_effective"),
        assumed.alias("ship_by_assumed"),
        _platform_stage_expr(columns).alias("__stage"),
    )
    return (
        pl.concat([masks, facts.collect()], how="horizontal")
        .lazy()
        .join(decided.lazy(), on=[TRUE_MASK, UNKNOWN_MASK], how="left", maintain_order="left")
        .select(
            "verdict",
            pl.coalesce("stage", "__stage").alias("stage"),
            "tier",
            "tier_tentative",
            "reasons",
            "owner_role",
            "respond_by",
            "resolve_by",
            "ship_by_effective",
            "ship_by_assumed",
            TRUE_MASK,
            UNKNOWN_MASK,
            "tags",
        )
        .collect()
    )


def outcome_of(compiled: Compiled, true: int, unknown: int) -> Outcome:
    """Outcome of a pair of masks, remembered: orders share few pairs."""
    key = (true, unknown)
    outcome = compiled.memo.get(key)
    if outcome is None:
        outcome = compiled.lattice.decide(true, unknown)
        if len(compiled.memo) >= _MEMO_SIZE:
            compiled.memo.clear()
        compiled.memo[key] = outcome
    return outcome


def tables_one(compiled: Compiled, order: Mapping[str, object], as_of: datetime) -> dict[str, str | None]:
    """Output of each further table for one order: of the row hit, or of all rows hit joined by ``;`` (collect)."""
    return {table.id: _table_output(table, masks(order, _utc(as_of))[0]) for table, masks, _ in compiled.tables}


def tables_columns(compiled: Compiled, orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """One String column a further table, as ``tables_one`` says it for each order."""
    outputs = []
    for table, _, columns in compiled.tables:
        hits = columns.booleans(orders, _utc(as_of))
        texts = [pl.when(pl.col(row.id).fill_null(value=False)).then(pl.lit(row.output)) for row in table.rows]
        if table.hit is Hit.COLLECT:
            joined = pl.concat_str(texts, separator=";", ignore_nulls=True)
            outputs.append(hits.select(pl.when(joined != "").then(joined).alias(table.id)))
        else:
            outputs.append(hits.select(pl.coalesce(texts).alias(table.id)))
    return pl.concat(outputs, how="horizontal") if outputs else pl.DataFrame()


def deadline(limit: Deadline, as_of: datetime, zone: str = SHOP_ZONE) -> datetime | None:
    """Moment (UTC) at which a tier's limit ends; ``same_day`` is the last second of as_of's day in the shop's zone."""
    if limit is None:
        return None
    if isinstance(limit, timedelta):
        return as_of + limit
    local = as_of.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(23, 59, 59), local.tzinfo).astimezone(UTC)


def _table_output(table: Table, true: int) -> str | None:
    hits = [row.output for i, row in enumerate(table.rows) if true >> i & 1]
    if not hits:
        return None
    return ";".join(hits) if table.hit is Hit.COLLECT else hits[0]


def _decided(compiled: Compiled, distinct: pl.DataFrame, as_of: datetime, zone: str) -> pl.DataFrame:
    pairs = list(zip(distinct[TRUE_MASK].to_list(), distinct[UNKNOWN_MASK].to_list(), strict=True))
    outcomes = [compiled.lattice.decide(true, unknown) for true, unknown in pairs]
    rows = compiled.policy.tiers
    hits = [None if o.tier is None else rows[o.tier] for o in outcomes]
    respond = {t.id: deadline(t.respond, as_of, zone) for t in rows}
    resolve = {t.id: deadline(t.resolve, as_of, zone) for t in rows}
    return distinct.with_columns(
        pl.Series("verdict", [o.verdict.value for o in outcomes], dtype=_VERDICT),
        pl.Series("stage", [o.stage.value if o.stage else None for o in outcomes], dtype=_STAGE),
        pl.Series("tier", [t.id if t else None for t in hits], dtype=pl.String),
        pl.Series("tier_tentative", [o.tier_tentative for o in outcomes], dtype=pl.Boolean),
        pl.Series("reasons", [o.reasons for o in outcomes], dtype=pl.String),
        pl.Series("owner_role", [t.owner if t else None for t in hits], dtype=pl.String),
        pl.Series("respond_by", [respond[t.id] if t else None for t in hits], dtype=TIME),
        pl.Series("resolve_by", [resolve[t.id] if t else None for t in hits], dtype=TIME),
        pl.Series("tags", [o.tags for o in outcomes], dtype=pl.String),
    )


def _platform_stage(state: object) -> Stage:
    return STAGE_OF_PLATFORM_STATE.get(str(state), Stage.IN_REVIEW)


def _platform_stage_expr(columns: list[str]) -> pl.Expr:
    if "platform_state" not in columns:
        return pl.lit(Stage.IN_REVIEW.value, dtype=_STAGE)
    stages = {state: stage.value for state, stage in STAGE_OF_PLATFORM_STATE.items()}
    state = pl.col("platform_state").cast(ORDER_SCHEMA["platform_state"])
    return state.replace_strict(stages, default=Stage.IN_REVIEW.value, return_dtype=_STAGE)


def _utc(as_of: datetime) -> datetime:
    if as_of.tzinfo is None:
        raise ValueError("as_of must carry a time zone")
    return as_of.astimezone(UTC)
