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
