"""Are we ready for the next peak: hands, rules, owners, SOPs, feeds, open prevention; a score made of its parts.

Each part says what it was counted from and leads to the page where it is put right.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from qingdan.campaigns.kinds import KIND, USUAL_MINUTES
from qingdan.campaigns.models import Prevention
from qingdan.cases.models import Sop
from qingdan.cases.types import case_types
from qingdan.core.message import Words
from qingdan.oversight.queries import feeds
from qingdan.people.models import Team
from qingdan.people.queries import capacity_on
from qingdan.policies.models import Template
from qingdan.policies.queries import live, starter_text

WEIGHTS: Final = {"capacity": 30, "rules": 20, "owners": 15, "sops": 15, "feeds": 10, "prevention": 10}
_DAYS: Final = 14
_Share = tuple[float, list[dict[str, str]]]
_INFLOW: Final = f"""
SELECT {KIND}, count(*) FROM orders_order AS o
 WHERE o.merchant_id = %s AND o.received_at > %s
   AND (o.stage IN ('in_review','exception','held') OR o.decided_kind = 'user') GROUP BY 1
"""  # noqa: S608 - put together from our own texts
_DAYS_SEEN: Final = """
SELECT count(DISTINCT received_at::date) FROM orders_order WHERE merchant_id = %s AND received_at > %s
"""
_ROLES: Final = """
SELECT DISTINCT owner_role FROM orders_order
 WHERE merchant_id = %s AND received_at > %s AND owner_role IS NOT NULL ORDER BY 1
"""
_SEEN_TYPES: Final = "SELECT DISTINCT type FROM cases_case WHERE merchant_id = %s AND opened_at > %s"

_CAPACITY: Final = Words(
    "平时每天约 {usual} 分钟人工，按 {factor} 倍算要 {needed} 分钟；未来 7 天排班平均每天 {have} 分钟",
    "About {usual} minutes of work a day; {factor} times that is {needed}; the roster has {have} a day",
)
_CAPACITY_UNKNOWN: Final = Words(
    "近 14 天没有要人处理的订单，估不出要多少人", "No order needed people in 14 days, so the need is unknown"
)
_NOBODY: Final = Words("未来 7 天没有排班", "Nobody is on the roster for the next 7 days")
_RULES_STARTER: Final = Words("还在用起步策略，没有按自己的店调过", "Still the starter policy, not made your own")
_RULES_OWN: Final = Words("在用自己的策略", "Your own policy is live")
_TEMPLATE: Final = Words("；有带回测结果的模板", "; a template with backtest results is kept")
_NO_TEMPLATE: Final = Words("；还没有带回测结果的模板", "; no template with backtest results yet")
_OWNERS: Final = Words(
    "{good}/{all} 个负责岗位有班组、有人、有组长", "{good} of {all} owner roles have a team with a lead"
)
_OWNERS_LACK: Final = Words("缺：{names}", "Missing: {names}")
_SOPS: Final = Words(
    "{good}/{all} 类问题的 SOP 是自己修订过的", "{good} of {all} types of problems have an SOP of your own"
)
_SOPS_LACK: Final = Words("还用自带版本：{names}", "Still as delivered: {names}")
_FEEDS: Final = Words("{good}/{all} 个数据来源正常", "{good} of {all} sources are healthy")
_NO_FEEDS: Final = Words("还没有数据来源", "No sources yet")
_PREVENTION: Final = Words(
    "预防措施完成 {good}/{all} 条，逾期 {late} 条", "{good} of {all} measures done, {late} overdue"
)
_NO_PREVENTION: Final = Words(
    "还没有预防清单；收尾一次清理就会有", "No prevention list yet; closing a clean-up makes one"
)
TITLES: Final[dict[str, Words]] = {
    "capacity": Words("人手够不够", "Enough hands"),
    "rules": Words("规则到位", "Rules in place"),
    "owners": Words("事事有人负责", "Owners for everything"),
    "sops": Words("SOP 齐全", "SOPs written"),
    "feeds": Words("数据来源正常", "Feeds healthy"),
    "prevention": Words("预防措施落实", "Prevention done"),
}
_ROLE: Final[dict[str, Words]] = {
    "front_line": Words("一线客服", "front line"),
    "supervisor": Words("主管", "supervisor"),
    "risk": Words("风控专员", "risk"),
    "finance": Words("财务", "finance"),
    "warehouse": Words("仓库", "warehouse"),
}
_LINKS: Final = {
    "capacity": "/people?tab=roster",
    "rules": "/policy",
    "owners": "/people",
    "sops": "/cases/sops",
    "feeds": "/incidents?view=feeds",
    "prevention": "/campaigns",
}


def readiness(merchant: int, now: datetime, *, factor: float = 3.0) -> dict[str, Any]:
    """Return the score (0-100) and its parts, for a peak of ``factor`` times the usual inflow."""
    since = now - timedelta(days=_DAYS)
    parts = [
        _part("capacity", *_capacity(merchant, now, since, factor)),
        _part("rules", *_rules(merchant)),
        _part("owners", *_owners(merchant, since)),
        _part("sops", *_sops(merchant, now)),
        _part("feeds", *_feeds(merchant, now)),
        _part("prevention", *_prevention(merchant, now)),
    ]
    return {
        "score": round(sum(part["share"] * part["weight"] for part in parts)),
        "factor": factor,
        "parts": parts,
        "at": now,
    }


def _part(key: str, share: float, said: list[dict[str, str]]) -> dict[str, Any]:
    text = {"zh": "；".join(s["zh"] for s in said), "en": "; ".join(s["en"] for s in said)}
    return {
        "key": key,
        "title": TITLES[key].both(),
        "weight": WEIGHTS[key],
        "share": round(min(max(share, 0.0), 1.0), 3),
        "text": text,
        "link": _LINKS[key],
    }


def _said(words: Words, **values: object) -> dict[str, str]:
    return {"zh": words.text("zh", values), "en": words.text("en", values)}


def _capacity(merchant: int, now: datetime, since: datetime, factor: float) -> _Share:
    seen = max(int(_query(_DAYS_SEEN, merchant, since)[0][0]), 1)
    usual = sum(count * USUAL_MINUTES[kind] for kind, count in _query(_INFLOW, merchant, since)) / seen
    have = 0.0
    for day in range(1, 8):
        have += sum(team.minutes for team in capacity_on(merchant, now + timedelta(days=day))) / 7
    if not have:
        return 0.0, [_said(_NOBODY)]
    if not usual:
        return 0.5, [_said(_CAPACITY_UNKNOWN)]
    values = {"usual": f"{usual:,.0f}", "factor": f"{factor:g}", "needed": f"{usual * factor:,.0f}"}
    return have / (usual * factor), [_said(_CAPACITY, **values, have=f"{have:,.0f}")]


def _rules(merchant: int) -> _Share:
    version = live(merchant)
    own = version is not None and version.source != starter_text()
    kept = Template.objects.filter(merchant_id=merchant, results__isnull=False).exists()
    first, second = (_RULES_OWN if own else _RULES_STARTER), (_TEMPLATE if kept else _NO_TEMPLATE)
    return 0.6 * own + 0.4 * kept, [Words(first.zh + second.zh, first.en + second.en).both()]


def _owners(merchant: int, since: datetime) -> _Share:
    roles = [row[0] for row in _query(_ROLES, merchant, since)] or ["front_line", "risk", "supervisor"]
    good, lacking = 0, []
    for role in roles:
        team = Team.objects.filter(merchant_id=merchant, role=role, active=True, lead__isnull=False).first()
        if team is not None and team.members.filter(user__is_active=True).exists():
            good += 1
        else:
            lacking.append(role)
    return good / len(roles), _lack(_said(_OWNERS, good=good, all=len(roles)), _OWNERS_LACK, _ROLE, lacking)


def _sops(merchant: int, now: datetime) -> _Share:
    seen = [row[0] for row in _query(_SEEN_TYPES, merchant, now - timedelta(days=90))]
    types = [key for key in case_types() if key in seen] or list(case_types())
    own = set(
        Sop.objects.filter(merchant_id=merchant, live=True, version__gt=1, type__in=types).values_list(
            "type", flat=True
        )
    )
    names = {key: case_types()[key].title for key in types}
    lacking = [key for key in types if key not in own]
    return len(own) / len(types), _lack(_said(_SOPS, good=len(own), all=len(types)), _SOPS_LACK, names, lacking)


def _feeds(merchant: int, now: datetime) -> _Share:
    rows = feeds(merchant, now)
    if not rows:
        return 0.0, [_said(_NO_FEEDS)]
    good = sum(row["incident"] is None for row in rows)
    return good / len(rows), [_said(_FEEDS, good=good, all=len(rows))]


def _prevention(merchant: int, now: datetime) -> _Share:
    rows = list(Prevention.objects.filter(campaign__merchant_id=merchant).values_list("done_at", "due"))
    if not rows:
        return 0.0, [_said(_NO_PREVENTION)]
    good = sum(done is not None for done, _ in rows)
    late = sum(done is None and due < now.date() for done, due in rows)
    return good / len(rows), [_said(_PREVENTION, good=good, all=len(rows), late=late)]


def _lack(said: dict[str, str], words: Words, names: Mapping[str, Words], lacking: list[str]) -> list[dict[str, str]]:
    if not lacking:
        return [said]
    zh = "、".join(names[key].zh if key in names else key for key in lacking)
    en = ", ".join(names[key].en if key in names else key for key in lacking)
    return [said, _said(words, names=Words(zh, en))]


def _query(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())
