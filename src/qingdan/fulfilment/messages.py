"""What the way out says to people."""

from typing import Final

from qingdan.core.message import Message, Words

REASONS: Final[dict[str, Words]] = {
    "withdrawn": Words("出库前订单已不再放行，没有推送", "No longer released; it was not sent"),
    "released_again": Words("又放行了，正向仓库核对", "Released again; asking the warehouse"),
    "never_left": Words("没有到过仓库，无需拦截", "It never reached the warehouse; nothing to stop"),
    "shipped": Words("已经发货，不再拦截", "Shipped already; not stopped"),
    "already_there": Words("前一次推送拦不下来，以它为准", "The earlier push could not be stopped and stands"),
    "refund_open": Words("出库前发现退款未了结，退回人工", "A refund is open; handed back to a person"),
    "address_changed": Words("出库前发现改了地址，退回人工", "The address was changed; handed back to a person"),
    "platform_closed": Words("平台上交易已关闭", "Closed on the platform"),
    "platform_cancelled": Words("平台上已取消", "Cancelled on the platform"),
    "platform_shipped": Words("平台上显示已发货", "Shipped according to the platform"),
    "platform_signed": Words("平台上显示已签收", "Signed for according to the platform"),
    "platform_unpaid": Words("平台上显示未付款", "Not paid according to the platform"),
    "refused": Words("仓库拒收", "The warehouse refused it"),
    "too_late": Words("拦截失败：仓库已拣货或已发货", "Could not be stopped: picked or shipped already"),
    "stop_asked": Words("仓库收到拦截，正在核对是否拦下", "The stop was taken; asking whether it managed"),
    "stop_unconfirmed": Words(
        "仓库一直没有确认拦下，请人工联系仓库", "The stop was never confirmed; ask the warehouse"
    ),
    "cancelled_there": Words("仓库那边已把这张单取消", "Cancelled at the warehouse"),
    "not_answered": Words("仓库没有说这张单收没收，正在核对", "The answer left this one out; being checked"),
    "token_unsupported": Words("收货信息脱敏，仓库接口用不了令牌", "Receiver masked; its token means nothing there"),
    "gave_up": Words("多次重试仍未接单", "Not taken in many tries"),
    "no_answer": Words("仓库没有回音，稍后先查询再决定", "No answer; the warehouse is asked before anything else"),
    "exists": Words("仓库说已有这张单，正在核对", "The warehouse says it has it; being checked"),
    "absent": Words("仓库没有这张单，将用同一单号重发", "Not at the warehouse; sent again under the same number"),
    "awaiting_answer": Words("仓库已受理，等它逐单回复", "Accepted; waiting for its answer"),
    "unreachable": Words("连不上仓库，稍后再试", "The warehouse can not be reached; tried again later"),
    "later": Words("仓库让稍后再试", "The warehouse asked for another try later"),
    "given_back": Words("排队太久，重新排队", "Queued too long; queued again"),
    "cannot_ask": Words("没有回音，又查不到，等人确认", "No answer and no way to ask; a person must confirm"),
    "amounts_differ": Words("金额对不上", "The amounts do not add up"),
    "amount_missing": Words("缺金额", "Amounts are missing"),
    "no_lines": Words("没有商品明细", "No lines"),
    "no_sku": Words("缺商家编码", "SKU codes are missing"),
    "receiver_masked": Words("收货信息脱敏且没有令牌", "Receiver masked, no token"),
    "receiver_incomplete": Words("收货信息不全", "Receiver incomplete"),
    "held": Words("仓库已按要求暂停发货", "Held back at the warehouse as asked"),
    "by_person": Words("已由人撤回", "Withdrawn by a person"),
    "resent": Words("已换新单号重发", "Sent again under a new number"),
    "garbage": Words("仓库的回复看不懂，正在核对", "The answer could not be read; being checked"),
    "internal": Words("程序内部出错，正在核对", "A fault of our own; being checked"),
}
"""Plain words for every reason that a push may carry."""

_OTHER: Final = Words("仓库接口暂时出错（{code}），会自动再试", "The interface failed ({code}); it is tried again")


def reason(code: str) -> Words | None:
    """Return the words for a reason; codes of interfaces are shown as they are."""
    if not code:
        return None
    return REASONS.get(code) or Words(_OTHER.zh.format(code=code), _OTHER.en.format(code=code))


NO_SUCH_PUSH: Final = Message(
    "push.not_found",
    Words("没有找到这次推送。", "There is no such push."),
    Words("请刷新推送页面。", "Reload the push page."),
)
NO_SUCH_WAREHOUSE: Final = Message(
    "warehouse.not_found",
    Words("没有找到这个仓库。", "There is no such warehouse."),
    Words("请刷新页面。", "Reload the page."),
)
TRIED: Final[dict[str, Words]] = {
    "ok": Words("连接正常，密钥有效", "Connected, and the secret is right"),
    "unreachable": Words("连不上，请检查地址和网络", "It can not be reached; check the address and the network"),
    "no_answer": Words("连上了，但没有在时限内回答", "It was reached and did not answer in time"),
    "cannot_ask": Words(
        "这种接口没有查询地址，无法空测；会在第一单推送时见分晓",
        "This interface has no address for questions; the first push will tell",
    ),
    "settings": Words("设置不全或写错了", "The settings are incomplete or wrong"),
    "folder": Words("文件夹不能写", "The folder can not be written"),
}
"""What a test of a connection showed."""
TRIED_OTHER: Final = Words(
    "仓库拒绝了请求，请核对应用号、客户号和密钥", "The warehouse refused the request; compare keys and secret"
)
HELD: Final[dict[str, Words]] = {
    "held": Words(
        "仓库已暂停这一单，不会拣货发出", "The warehouse holds it back; it will be neither picked nor shipped"
    ),
    "let_go": Words("仓库已恢复这一单，会继续发货", "The warehouse goes on with it"),
    "not_held": Words(
        "仓库没有照办，多半已拣货或已发货；要拦下请改用“撤回”",
        "The warehouse did not comply, probably it is picked or shipped; withdraw it to stop it",
    ),
    "later": Words("仓库说现在太忙，请稍后再试", "The warehouse is busy; try again later"),
    "unsure": Words(
        "没有得到仓库的明确答复；再点一次是安全的",
        "The warehouse gave no clear answer; asking once more is harmless",
    ),
    "cannot_hold": Words(
        "这家仓库的接口不支持暂停，要拦下请用“撤回”",
        "This interface can not hold an order back; withdraw it to stop it",
    ),
}
"""What a warehouse answered when it was asked to hold an order back, or to go on with it."""
NOT_NOW: Final = Words(
    "这次推送现在是“{state}”，不能这样处理。", "The push is {state} now; this can not be done with it."
)
NOT_NOW_ADVICE: Final = Words("请刷新后看最新状态。", "Reload and look at its newest state.")
NO_ADAPTER: Final = Words("没有这种仓库接口：{name}。", "There is no such interface: {name}.")
MISSING_SETTING: Final = Words("还缺这些设置：{names}。", "These settings are missing: {names}.")
SETTING_ADVICE: Final = Words("请补全后保存。", "Complete them and save again.")
BAD_ROUTING: Final = Words("分仓表有 {count} 处要改：{first}", "The routing table has {count} faults: {first}")
BAD_ROUTING_ADVICE: Final = Words("请按每行的提示修改。", "Correct them row by row.")

STATES: Final[dict[str, Words]] = {
    "ready": Words("待推送", "waiting"),
    "sending": Words("推送中", "on its way"),
    "done": Words("已送达", "arrived"),
    "unknown": Words("待核实", "in doubt"),
    "failed": Words("失败", "failed"),
    "cancelled": Words("已撤回", "withdrawn"),
}
