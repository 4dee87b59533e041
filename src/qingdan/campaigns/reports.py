"""The close-out report: before and after, who did what, what was late and what was not, causes, what to write down.

Everything is counted from orders, events, verdicts and cases; only what might have been is simulated, and says so.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from qingdan.campaigns import planning, scope
from qingdan.campaigns.kinds import LABELS, WAITS
from qingdan.campaigns.models import Campaign
from qingdan.cases.types import case_types

_LEFT_AT: Final = f"""
SELECT count(*) FILTER (WHERE e.at > o.ship_by_effective),
       count(*) FILTER (WHERE e.at <= o.ship_by_effective),
       count(*) FILTER (WHERE e.at > o.ship_by_effective AND NOT i.late)
  FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id
  JOIN LATERAL (
      SELECT max(at) AS at FROM orders_orderevent
       WHERE order_id = o.id AND to_stage NOT IN ('in_review','exception','held','unpaid')
         AND (from_stage IS NULL OR from_stage IN ('in_review','exception','held','unpaid'))
  ) AS e ON e.at IS NOT NULL
 WHERE i.campaign_id = %s AND NOT {WAITS} AND o.ship_by_effective IS NOT NULL
"""  # noqa: S608 - put together from our own texts
_SECONDS: Final = """
SELECT v.user_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY v.seconds)
  FROM desk_verdict AS v JOIN campaigns_item AS i USING (order_id)
 WHERE i.campaign_id = %s AND v.undone_at IS NULL AND v.seconds IS NOT NULL AND v.at >= %s GROUP BY 1
"""
_CAUSES: Final = """
SELECT k.zh, k.en, count(*) FROM cases_case AS c JOIN campaigns_item AS i USING (order_id)
  JOIN cases_cause AS k ON k.id = c.cause_id WHERE i.campaign_id = %s GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 20
"""
_REASONS: Final = f"""
SELECT r.reason, count(*), count(*) FILTER (WHERE NOT {WAITS})
  FROM campaigns_item AS i JOIN orders_order AS o ON o.id = i.order_id, unnest(o.reasons) AS r(reason)
 WHERE i.campaign_id = %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20
"""  # noqa: S608
_STEPS: Final = """
SELECT c.type, s.step, coalesce(s.choice, ''), count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY s.worked_seconds),
       array_agg(DISTINCT s.actor_name), count(*) FILTER (WHERE s.skipped), avg(s.place)
  FROM (SELECT *, row_number() OVER (PARTITION BY case_id, round ORDER BY at, id) AS place FROM cases_steplog) AS s
  JOIN cases_case AS c ON c.id = s.case_id JOIN campaigns_item AS i USING (order_id)
 WHERE i.campaign_id = %s GROUP BY 1, 2, 3 ORDER BY 1, 8, 4 DESC
"""
_CASES: Final = """
SELECT c.type, count(*), count(*) FILTER (WHERE c.state = 'closed'), count(*) FILTER (WHERE c.outcome = 'unreachable'),
       count(*) FILTER (WHERE EXISTS (SELECT FROM cases_approval AS a WHERE a.case_id = c.id)), sum(c.reopened)
  FROM cases_case AS c JOIN campaigns_item AS i USING (order_id) WHERE i.campaign_id = %s GROUP BY 1 ORDER BY 2 DESC, 1
"""


def report(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """Return the report as it stands at ``now``; the opening figures are those of the start."""
    opening: dict[str, Any] = campaign.opening or {}
    after = scope.standing(campaign, now)
    late, punctual, newly = _query(_LEFT_AT, campaign.pk)[0]
    since = campaign.started_at or campaign.created_at
    fifo = opening.get("fifo") or {}
    before_late = int(opening.get("late", 0))
    missed = newly + max(after["late"] - before_late, 0)
    return {
        "at": now.isoformat(),
        "started_at": since.isoformat(),
        "goal_at": campaign.goal_at.isoformat(),
        "hours": round((now - since).total_seconds() / 3600, 1),
        "worked_hours": round(planning.worked_hours(campaign, since, now), 1),
        "before": {key: opening.get(key, 0) for key in ("total", "done", "by_rules", "left", "overdue", "late")},
        "after": {key: after[key] for key in ("total", "done", "by_rules", "left", "parked", "overdue", "late")},
        "kinds": [{**row, "label": LABELS[row["kind"]].both()} for row in after["kinds"]],
        "people": _people(campaign, now, since),
        "lanes": _lanes(campaign, after),
        "timeline": [
            {"at": point.at.isoformat(), "done": point.done, "left": point.left, "pace": point.pace}
            for point in campaign.checkpoints.order_by("at")
        ],
        "late": {"left_late": late, "left_in_time": punctual, "newly": missed},
        "fifo": fifo,
        "late_avoided": max(int(fifo.get("late", 0)) - missed, 0) if fifo else None,
        "penalty_avoided": max(int(fifo.get("penalty", 0)) - int((opening.get("plan") or {}).get("penalty", 0)), 0)
        if fifo
        else None,
        "causes": [{"zh": zh, "en": en, "count": n} for zh, en, n in _query(_CAUSES, campaign.pk)],
        "reasons": [{"reason": r, "count": n, "done": d} for r, n, d in _query(_REASONS, campaign.pk)],
        "cases": [
            {
                "type": kind,
                "title": case_types()[kind].title.both(),
                "count": count,
                "closed": closed,
                "unreachable": lost,
                "approved": approved,
                "reopened": again or 0,
            }
            for kind, count, closed, lost, approved, again in _query(_CASES, campaign.pk)
        ],
    }


def first_come(campaign: Campaign, plan: planning.Plan) -> dict[str, Any]:
    """Return what the same people would come to by taking the oldest order first, simulated."""
    by_age = replace(plan, case=replace(plan.case, rule=None))
    seen = planning.told(campaign, by_age, planning.look(by_age, worlds=30))
    return {key: seen[key] for key in ("p50", "p80", "late", "penalty")}


def sop_drafts(campaign: Campaign) -> list[dict[str, Any]]:
    """Return what was really done, by type of problem: steps in their usual order, how often, how long, by whom."""
    drafts: dict[str, dict[str, Any]] = {}
    for kind, step, choice, times, seconds, names, skipped, _ in _query(_STEPS, campaign.pk):
        draft = drafts.setdefault(kind, {"type": kind, "title": case_types()[kind].title.both(), "steps": []})
        draft["steps"].append(
            {
                "step": step,
                "choice": choice,
                "times": times,
                "minutes": round(seconds / 60, 1),
                "people": sorted(names),
                "skipped": skipped,
            }
        )
    return list(drafts.values())


def _people(campaign: Campaign, now: datetime, since: datetime) -> list[dict[str, Any]]:
    seconds = dict(_query(_SECONDS, campaign.pk, since))
    lanes = dict(campaign.seats.values_list("user_id", "lane__letter"))
    rows = scope.done_by(campaign, now)
    return [
        {
            **row,
            "lane": lanes.get(row["user_id"], ""),
            "seconds": round(seconds[row["user_id"]], 1) if row["user_id"] in seconds else None,
        }
        for row in rows
    ]


def _lanes(campaign: Campaign, after: dict[str, Any]) -> list[dict[str, Any]]:
    rows = {row["kind"]: row for row in after["kinds"]}
    found = []
    for lane in campaign.lanes.order_by("letter"):
        own = [rows[kind] for kind in lane.kinds]
        found.append(
            {
                "letter": lane.letter,
                "name": lane.name,
                "people": lane.seats.count(),
                **{key: sum(row[key] for row in own) for key in ("total", "done", "by_rules", "left")},
            }
        )
    return found


def sheets(campaign: Campaign, told: dict[str, Any]) -> list[tuple[str, list[list[object]]]]:
    """Return the report as named sheets of rows, in Chinese, for people who work on with a spreadsheet."""
    before, after = told["before"], told["after"]
    facts: list[list[object]] = [
        ["清理战役", campaign.name],
        ["开始", told["started_at"]],
        ["统计时间", told["at"]],
        ["历时（小时）", told["hours"]],
        ["投入工时（小时）", told["worked_hours"]],
        ["", "开始时", "现在"],
        *(
            [label, before[key], after[key]]
            for key, label in (
                ("total", "订单总数"),
                ("done", "已处理"),
                ("by_rules", "其中规则自动"),
                ("left", "待处理"),
                ("overdue", "已超内部时限"),
                ("late", "已超承诺发货"),
            )
        ),
    ]
    return [
        ("概况", facts),
        (
            "分组",
            [["组", "名称", "人数", "总数", "已处理", "规则自动", "剩余"]]
            + [
                [row[k] for k in ("letter", "name", "people", "total", "done", "by_rules", "left")]
                for row in told["lanes"]
            ],
        ),
        (
            "人员",
            [["姓名", "组", "处理单数", "每单秒数（中位）"]]
            + [[row["name"] or "规则自动", row["lane"], row["orders"], row["seconds"] or ""] for row in told["people"]],
        ),
        (
            "进度",
            [["时间", "已处理", "剩余", "每人时单数"]]
            + [[row["at"], row["done"], row["left"], row["pace"] or ""] for row in told["timeline"]],
        ),
        ("原因", [["原因", "订单数"]] + [[row["zh"], row["count"]] for row in told["causes"]]),
        (
            "预防",
            [["措施", "原因", "负责人", "期限", "完成"]]
            + [
                [p.text, p.cause, p.owner.name, p.due.isoformat(), "是" if p.done_at else ""]
                for p in campaign.preventions.select_related("owner").order_by("due", "id")
            ],
        ),
    ]


def _query(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())
