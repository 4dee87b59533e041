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
