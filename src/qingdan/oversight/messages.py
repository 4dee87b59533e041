"""What the room says to people: causes of silence, refusals, kinds of differences."""

from typing import Final

from qingdan.core.message import Message, Words

CAUSES: Final[dict[str, tuple[Words, Words]]] = {
    "unreachable": (
        Words("接口连不上", "The interface can not be reached"),
        Words(
            "请联系仓库检查接口。恢复后自动接着推，紧急单先走；急件可先改发别的仓。",
            "Ask the warehouse to check it. Pushing goes on by itself, urgent orders first; some can go elsewhere.",
        ),
    ),
    "no_answers": (
        Words("推过去的单没有回音", "Pushed orders are not answered"),
        Words(
            "请联系仓库确认系统是否正常；单子没有丢，会按原单号查询后再推。",
            "Ask the warehouse whether its system works; nothing is lost, each order is asked for before it is resent.",
        ),
    ),
    "no_returns": (
        Words("接口能通，但不再回传发货", "The interface works, but shipments are no longer reported"),
        Words(
            "请仓库检查发货回传任务；我们会逐单去查状态，也可以到平台核对是否已揽收。",
            "Ask the warehouse to check its reports; meanwhile each order's state is asked for.",
        ),
    ),
    "refused": (
        Words("仓库有消息来，但签名不对，没有收下", "Messages come, but their signatures are wrong and refused"),
        Words(
            "多半是一方换了密钥。请和仓库核对密钥，在仓库设置里更新。",
            "One side has probably changed the secret. Compare it with the warehouse and update the settings.",
        ),
    ),
    "carrier": (
        Words("只有这家快递没有消息，仓库的其他快递正常", "Only this carrier is silent; the warehouse's others report"),
        Words(
            "请联系快递或第三方物流检查接口；急件可请仓库换快递。",
            "Ask the carrier to check its interface; urgent orders can go by another one.",
        ),
    ),
    "import_failed": (
        Words("最近一次导入失败了", "The last import failed"),
        Words("请到导入页看原因，重新上传平台导出文件。", "See why on the imports page and upload the export again."),
    ),
    "no_file": (
        Words("没有新的订单进来", "No new orders come in"),
        Words(
            "请检查平台授权、定时导出或投递文件夹；若店铺今天确实没单，关闭即可。",
            "Check the platform's authorisation, the scheduled export or the drop folder; close it if none are due.",
        ),
    ),
    "relay": (
        Words("推送进程没有在运行", "The relay does not run"),
        Words(
            "请在服务器上启动 qingdan serve 或 qingdan relay。",
            "Start qingdan serve or qingdan relay on the server.",
        ),
    ),
    "everything": (
        Words("所有仓库同时没有消息，多半是我们这边的网络", "All warehouses are silent: probably our own network"),
        Words("请先检查服务器的网络和防火墙。", "Check the server's network and firewall first."),
    ),
}
"""Cause → what it is, and what to do."""

TOLD: Final = Words(
    "{name} 已 {minutes} 分钟没有消息，{behind} 单在等。原因：{cause}。",
    "{name} has been silent for {minutes} minutes, {behind} orders wait. Cause: {cause}.",
)
RELAY: Final = Words("推送进程", "Relay")

NO_SUCH_INCIDENT: Final = Message(
    "incident.not_found",
    Words("没有找到这次异常。", "There is no such incident."),
    Words("请刷新页面。", "Reload the page."),
)
OVER: Final = Message(
    "incident.over",
    Words("这次异常已经结束。", "This incident is over."),
    Words("请刷新页面看最新状态。", "Reload the page for its newest state."),
)
NO_NOTE: Final = Message(
    "oversight.no_note",
    Words("请写明原因。", "A reason is missing."),
    Words("一两句话说清为什么这样处理。", "Say in a sentence why."),
)
NO_SUCH_WAREHOUSE: Final = Message(
    "incident.no_warehouse",
    Words("没有这个可用的仓库。", "There is no such active warehouse."),
    Words("请从启用中的仓库里选。", "Choose one that is switched on."),
)
NO_SUCH_DIFFERENCE: Final = Message(
    "difference.not_found",
    Words("没有找到这条差异。", "There is no such difference."),
    Words("请刷新页面。", "Reload the page."),
)
MOVED: Final = Message(
    "difference.moved",
    Words("这条差异已经有人处理，或已经消失。", "Somebody has settled this difference, or it is gone."),
    Words("请刷新页面看最新状态。", "Reload the page for its newest state."),
)

KINDS: Final[dict[str, Words]] = {
    "absent_there": Words("我们已推，仓库没有", "Sent by us, unknown to the warehouse"),
    "cancelled_there": Words("我们在等发货，仓库已取消", "We wait for it, the warehouse has cancelled it"),
    "live_there": Words("我们已撤，仓库还在做", "Withdrawn by us, still alive at the warehouse"),
    "shipped_there": Words("仓库已发，我们没收到发货消息", "Shipped by the warehouse, which has not told us"),
    "not_shipped_there": Words("我们记为已发，仓库没发", "Shipped by us, not shipped at the warehouse"),
    "shipped_refunded": Words("货已发，钱已退", "Shipped, but the money was refunded"),
    "shipped_unpaid": Words("货已发，账单无此款", "Shipped, but no bill has its payment"),
    "paid_differs": Words("货已发，实收与应收不符", "Shipped, but another amount came in"),
    "refund_unknown": Words("账单已退款，订单没有退款", "Refunded in the bill, no refund on the order"),
}
"""Kind of difference → what it is."""
STATES: Final[dict[str, Words]] = {
    "sent": Words("已推送", "sent"),
    "shipped": Words("已发货", "shipped"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "absent": Words("没有这张单", "not there"),
    "taken": Words("已接单", "taken"),
    "cancelled": Words("已取消", "cancelled"),
    "missing": Words("账单无此款", "not in the bill"),
    "short": Words("少付", "paid too little"),
    "over": Words("多付", "paid too much"),
    "double": Words("重复付款", "paid twice"),
    "refunded": Words("已全额退款", "refunded in full"),
    "part_refunded": Words("已部分退款", "refunded in part"),
    "no_refund": Words("无退款", "no refund"),
}
"""State as either side says it → its words."""
