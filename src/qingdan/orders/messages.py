"""What the order store says to people."""

from dataclasses import dataclass
from typing import Final

from qingdan.core.message import Message, Words


@dataclass(frozen=True, slots=True)
class Said:
    """A message's words and advice, waiting for its values."""

    id: str
    words: Words
    advice: Words

    def message(self, **params: object) -> Message:
        """Fill in the values."""
        return Message(self.id, self.words, self.advice, params)


NOT_FOUND: Final = Said(
    "order.not_found",
    Words("没有找到这个订单。", "There is no such order."),
    Words("请核对订单号，或回到订单列表刷新。", "Check the order number, or reload the order list."),
)
CONFLICT: Final = Said(
    "order.conflict",
    Words(
        "您打开之后，这个订单已被别人改动（现为第 {version} 版），您的操作没有生效。",
        "The order was changed after you opened it (it is at version {version} now); nothing was done.",
    ),
    Words("请看过最新内容后再操作一次。", "Look at the newest state and decide again."),
)
NO_MOVE: Final = Said(
    "order.no_move",
    Words(
        "订单目前的状态（{stage}）不能改为 {target}。",
        "An order that is {stage} can not become {target}.",
    ),
    Words(
        "已推送或已完结的订单只随平台和仓库变化。",
        "Orders that were sent or are done only follow the platform and the warehouse.",
    ),
)
CANCELLED_BY_PLATFORM: Final = Said(
    "order.cancelled_by_platform",
    Words(
        "平台上这个订单已经关闭或取消，不能放行。",
        "The platform has closed or cancelled this order; it can not be released.",
    ),
    Words(
        "如平台已恢复该订单，请重新导入后再放行。",
        "If the platform has restored it, import it again and then release it.",
    ),
)
NO_CORRECTION: Final = Said(
    "order.no_correction",
    Words(
        "订单目前的状态（{stage}）不能改收货信息。",
        "The receiver of an order that is {stage} can not be changed.",
    ),
    Words(
        "已放行的订单请先退回审核；已推送或已发货的，请联系仓库拦截。",
        "Take a released order back to review first; of a sent one, ask the warehouse to stop it.",
    ),
)
