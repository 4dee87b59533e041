"""What Qingdan says about drafts, backtests and publishing."""

from typing import Final

from qingdan.core.message import Message, Words

NOT_THERE: Final = Message(
    "policy_not_there",
    Words("没有找到这份策略或草稿。", "There is no such policy or draft."),
    Words("它可能已被删除，请回到策略列表刷新。", "It may have been deleted; reload the list of policies."),
)


def stale_draft(version: int, by: str) -> Message:
    """Say that a draft was saved by somebody else meanwhile."""
    return Message(
        "draft_stale",
        Words(
            "您打开之后，{by} 已保存过这份草稿（现为第 {version} 版），您的修改没有保存。",
            "{by} saved this draft after you opened it (it is at version {version} now); your change was not saved.",
        ),
        Words(
            "先复制您的内容，刷新草稿后再改；也可以另存为新草稿。",
            "Copy what you wrote, reload the draft and change it again, or save it as a new draft.",
        ),
        {"version": version, "by": by},
    )


def faulty(faults: int, first: str) -> Message:
    """Say that a policy has errors."""
    return Message(
        "policy_faulty",
        Words("策略还有 {faults} 处错误，第一处：{first}", "The policy has {faults} errors, the first: {first}"),
        Words("在编辑器里按提示改好后再试。", "Correct them in the editor and try again."),
        {"faults": faults, "first": first},
    )


def unreadable_sheet(head: str) -> Message:
    """Say that an uploaded file is not a table; ``head`` is the column head that nobody knows."""
    if head:
        return Message(
            "sheet_unreadable",
            Words(
                "表头“{head}”既不是字段，也不是表格自己的列。",
                "The head “{head}” is neither a field nor a known column.",
            ),
            Words(
                "请用字段目录里的名称作表头，并保留“编号”一列；可先导出一份对照。",
                "Use names of the field catalogue as heads and keep the column “Id”; export a table to compare.",
            ),
            {"head": head},
        )
    return Message(
        "sheet_unreadable",
        Words(
            "这个文件不是可以读的 Excel 表格，或行数太多。",
            "The file is no readable Excel table, or has too many rows.",
        ),
        Words("请另存为 .xlsx 后再导入。", "Save it as .xlsx and import it again."),
    )


APPLIED: Final = Words("新策略应用到等待的订单", "The new policy was applied to the waiting orders")
AUDIT_HELD: Final = Words("抽检发现不该放行：{reason}", "The audit says it should not have gone: {reason}")
SNOOZE_BEGAN: Final = Words(
    "“{rule}”暂不适用，到 {until} 为止：{reason}", "“{rule}” does not count until {until}: {reason}"
)
SNOOZE_ENDED: Final = Words("“{rule}”恢复适用，重新审单", "“{rule}” counts again; reviewed anew")
SECOND_PERSON: Final = Message(
    "second_person",
    Words(
        "这份策略会比现行策略放行更多订单，需要提出人之外的另一位同事批准后才能上线。",
        "This policy releases more than the live one; somebody other than its author must approve it first.",
    ),
    Words("请主管或风控同事在发布页批准。", "Ask a supervisor or a risk specialist to approve it on its page."),
)
RUNNING: Final = Message(
    "apply_running",
    Words("策略正在应用到等待的订单，还没有结束。", "The policy is being applied to the waiting orders already."),
    Words("等它完成，或先停止它。", "Wait until it is done, or stop it first."),
)
_NOT_NOW: Final[dict[str, tuple[Words, Words]]] = {
    "backtest": (
        Words(
            "还没有看过这份策略对照现行策略的回测结果，不能提交发布。",
            "This policy has no finished backtest against the live one yet, so it can not be proposed.",
        ),
        Words("先运行一次回测；改动后要重新回测。", "Run a backtest first, and again after each change."),
    ),
    "until": (
        Words("结束时间必须晚于开始时间和现在。", "The end must lie after the start and after now."),
        Words("请重新选择时间。", "Choose other moments."),
    ),
    "no_shadow": (
        Words(
            "这份策略还没有影子运行过一单，不能直接启用。",
            "This policy has not judged any incoming order beside the live one yet.",
        ),
        Words(
            "先影子运行一段时间；要跳过，请写明原因，原因会留在记录里。",
            "Run it as a shadow first, or say why that is skipped.",
        ),
    ),
    "snooze_until": (
        Words("截止时间要晚于现在，且最长 180 天。", "The end must lie after now and within 180 days."),
        Words("请重新选择截止时间。", "Choose another end."),
    ),
    "snooze_subject": (
        Words(
            "这张订单没有买家标识、收货人标识或这个商家编码，认不出是谁。",
            "The order does not say who its buyer or receiver is, or has no such SKU.",
        ),
        Words("换一种范围，例如按收货人。", "Choose another scope, for example the receiver."),
    ),
    "audited": (
        Words("这一单已有同事看过。", "A colleague has judged this order already."),
        Words("请看下一单。", "Go on with the next one."),
    ),
    "suggestion": (
        Words(
            "计算建议之后，线上策略换过了，这些建议不再对得上。",
            "Another policy went live after these rules were found, so they no longer fit it.",
        ),
        Words("请按新的线上策略重新计算建议。", "Search again beside the present policy."),
    ),
    "rollback": (
        Words("没有更早的版本可以退回。", "There is no earlier version to go back to."),
        Words("可以修改草稿后重新发布。", "Change a draft and publish it instead."),
    ),
    "shadow": (
        Words("已有一份策略在试跑，一次只能试跑一份。", "Another policy runs as a shadow; one at a time."),
        Words("先撤回或上线正在试跑的那份。", "Withdraw or publish that one first."),
    ),
}
_OTHER_STATE: Final = (
    Words("它现在的状态（{state}）不允许这一步。", "Its state ({state}) does not allow this step."),
    Words("请刷新页面看它的最新状态。", "Reload the page to see its state."),
)


def not_now(because: str) -> Message:
    """Say why a step of publishing can not be taken."""
    words, advice = _NOT_NOW.get(because, _OTHER_STATE)
    return Message("policy_not_now", words, advice, {"state": because})


def name_taken(name: str) -> Message:
    """Say that there is a template of that name."""
    return Message(
        "template_name_taken",
        Words("已有名为“{name}”的模板。", "There is a template named “{name}” already."),
        Words("换一个名称，或先删除旧的。", "Choose another name, or delete the old one first."),
        {"name": name},
    )
