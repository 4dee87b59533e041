"""What a pack of ship-by rules says to the person who edits it."""

from typing import Final

from qingdan.core.message import Message, Words

_CATALOGUE: Final[dict[str, tuple[Words, Words | None]]] = {
    "bad_id": (
        Words("编号“{text}”不合规", "Id “{text}” is not allowed"),
        Words(
            "以小写字母开头，只用小写字母、数字和下划线，最长 40 位。",
            "Start with a lower-case letter; a-z, 0-9, _; at most 40.",
        ),
    ),
    "twice": (
        Words("编号“{text}”出现了两次", "Id “{text}” is used twice"),
        Words("换一个编号。", "Choose another id."),
    ),
    "bad_choice": (
        Words("“{text}”不在可选范围内", "“{text}” is not one of the choices"),
        Words("可选：{known}。", "Choose one of: {known}."),
    ),
    "bad_span": (
        Words("“{text}”不是时长", "“{text}” is not a span of time"),
        Words("写成 48小时、30分钟或 3天。", "Write 48小时 (48 hours), 30分钟 (minutes) or 3天 (days)."),
    ),
    "bad_money": (
        Words("“{text}”不是金额", "“{text}” is not an amount"),
        Words("写成 3元 或 0.5元，最多两位小数。", "Write 3元 or 0.5元 (yuan), at most two decimals."),
    ),
    "bad_percent": (
        Words("“{text}”不是百分比", "“{text}” is not a percentage"),
        Words("写成 1% 或 0.25%，不超过 100%。", "Write 1% or 0.25%, not above 100%."),
    ),
    "bad_date": (
        Words("“{text}”不是日期", "“{text}” is not a date"),
        Words("写成 2026-11-01。", "Write 2026-11-01."),
    ),
    "bad_count": (
        Words("“{text}”不是 1 到 100 之间的次数", "“{text}” is not a number from 1 to 100"),
        None,
    ),
    "bad_truth": (Words("“{text}”应写 true 或 false", "Write true or false instead of “{text}”"), None),
    "no_amount": (
        Words("这一步没有写金额", "This step charges nothing"),
        Words("写 flat（固定）或 percent（比例），或用 bands 分档。", "Give flat or percent, or bands."),
    ),
    "floor_above_cap": (
        Words("下限高于上限", "The floor is above the cap"),
        Words("对调两个数，或删掉一个。", "Swap the two, or remove one."),
    ),
    "bands_order": (
        Words("各档的“below”要从小到大，只有最后一档可以不写", "Bands go up by “below”; only the last may do without"),
        None,
    ),
    "steps_order": (
        Words("各步要按超时时长从短到长写", "Steps go from the shortest lateness to the longest"),
        None,
    ),
    "late_start": (
        Words(
            "“{event}”的时限不能从“{start}”起算，它在后面",
            "The deadline for “{event}” can not start from “{start}”, which comes later",
        ),
        Words("改成更早的一步，或 paid、created。", "Choose an earlier one, or paid or created."),
    ),
    "ends_before": (
        Words("结束日期不晚于开始日期", "The end is not after the beginning"),
        Words("检查两个日期。", "Check both dates."),
    ),
    "overlap": (
        Words(
            "与规则“{other}”对同样的订单同时有效，只有一条会用到",
            "Holds for the same orders at the same time as rule “{other}”; only one of them is used",
        ),
        Words("给其中一条写上生效日期（since）或结束日期（until）。", "Give one of them a since or an until date."),
    ),
    "no_source": (
        Words("没有写来源", "No source is given"),
        Words("写上规则原文的网址或文号，便于核对。", "Name the page or document, so that it can be checked."),
    ),
}


def said(key: str, **params: object) -> Message:
    """Message by its key."""
    words, advice = _CATALOGUE[key]
    return Message(f"shiprules.{key}", words, advice, params)
