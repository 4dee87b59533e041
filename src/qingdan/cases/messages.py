"""What the room of cases says to people."""

from typing import Final

from qingdan.core.message import Message, Words

_FAULTS: Final[dict[str, tuple[Words, Words]]] = {
    "too_long": (
        Words("步骤说明太长（上限 {limit} 个字符）。", "The SOP is too long (limit {limit} characters)."),
        Words("请拆短说明文字。", "Shorten its texts."),
    ),
    "yaml": (
        Words("第 {line} 行附近的格式读不懂。", "The text can not be read near line {line}."),
        Words("请检查缩进、冒号和引号。", "Check indentation, colons and quotes."),
    ),
    "alias": (
        Words("不支持用 * 引用前面的内容。", "References with * are not supported."),
        Words("请把内容直接写出来。", "Write the content out."),
    ),
    "steps": (
        Words("要有 1 到 {limit} 个步骤。", "An SOP has 1 to {limit} steps."),
        Words("请在 steps 里逐条写出步骤。", "List the steps under steps."),
    ),
    "step_twice": (
        Words("步骤“{step}”出现了两次。", "Step “{step}” is there twice."),
        Words("每个步骤的 id 要不同。", "Each step needs an id of its own."),
    ),
    "no_step": (
        Words("步骤“{step}”要转到“{go}”，但没有这个步骤。", "Step “{step}” goes to “{go}”, which is no step."),
        Words("go 只能写步骤 id，或写 end 表示办结。", "go names a step, or end."),
    ),
    "do": (
        Words("步骤“{step}”没有说明做什么。", "Step “{step}” does not say what is done."),
        Words("do 可以是：{options}。", "do is one of: {options}."),
    ),
    "choices": (
        Words("步骤“{step}”要给出至少两个选项。", "Step “{step}” needs two choices or more."),
        Words("请在 choices 里写出选项。", "List them under choices."),
    ),
    "choice_twice": (
        Words("步骤“{step}”有两个选项的 id 相同。", "Two choices of step “{step}” have one id."),
        Words("请改成不同的 id。", "Give each an id of its own."),
    ),
    "decide": (
        Words("步骤“{step}”的 decide 不认识。", "decide of step “{step}” is not known."),
        Words("可以是：{options}。", "It is one of: {options}."),
    ),
    "outcome": (
        Words("步骤“{step}”的 outcome 不认识。", "outcome of step “{step}” is not known."),
        Words("可以是：{options}。", "It is one of: {options}."),
    ),
    "amount": (
        Words("步骤“{step}”的审批金额“{value}”读不懂。", "The amount “{value}” in step “{step}” can not be read."),
        Words("请写成 1000元 这样。", "Write it like 1000元."),
    ),
    "approvers": (
        Words("步骤“{step}”的审批没有写由谁批。", "The approval of step “{step}” names nobody."),
        Words("请在 by 里写出角色。", "Name the roles under by."),
    ),
    "shape": (
        Words("“{step}”的写法不对，应是“键: 值”的形式。", "“{step}” should be written as keys and values."),
        Words("可以参照自带的模板。", "Follow a template."),
    ),
    "strange": (
        Words("“{step}”里有不认识的键“{key}”。", "“{step}” has an unknown key “{key}”."),
        Words("请检查拼写，或删掉它。", "Check its spelling or remove it."),
    ),
    "list": (
        Words("步骤“{step}”的 {key} 要写成列表。", "{key} of step “{step}” must be a list."),
        Words("例如 [a, b]。", "For example [a, b]."),
    ),
    "name": (
        Words("“{step}”的 id 要用小写字母、数字和下划线。", "The id in “{step}” takes small letters, digits and _."),
        Words("以字母开头，不超过 32 个字符。", "It begins with a letter and has at most 32 characters."),
    ),
    "title": (
        Words("“{step}”缺少中文标题。", "“{step}” has no Chinese title."),
        Words("请写成 title: {{zh: 标题}}。", "Write title: {{zh: …, en: …}}."),
    ),
    "role": (
        Words("步骤“{step}”里的角色“{value}”不认识。", "Role “{value}” in step “{step}” is not known."),
        Words("可以是：{options}。", "It is one of: {options}."),
    ),
    "count": (
        Words("步骤“{step}”的 {key} 要写 1 到 1000 的整数。", "{key} of step “{step}” is a number from 1 to 1000."),
        Words("请改成整数。", "Correct it."),
    ),
    "type": (
        Words("没有“{key}”这种工单类型。", "There is no case type “{key}”."),
        Words("sop 一栏要写工单类型的代号。", "The key sop names the case type."),
    ),
}

_REFUSALS: Final[dict[str, tuple[Words, Words]]] = {
    "case.not_found": (
        Words("没有找到这个工单或记录。", "There is no such case or record."),
        Words("请回到工单列表刷新。", "Reload the list of cases."),
    ),
    "case.moved": (
        Words(
            "您打开之后，这个工单已被{by}改动，您的操作没有生效。",
            "{by} changed this case after you opened it; nothing was done.",
        ),
        Words("请看过最新内容后再操作。", "Look at the newest state and try again."),
    ),
    "case.closed": (
        Words("这个工单已经办结。", "This case is closed."),
        Words("需要再处理时，请先重新打开。", "Open it again first."),
    ),
    "case.not_closed": (
        Words("这个工单还没有办结。", "This case is not closed."),
        Words("不用重新打开，直接处理即可。", "There is no need to open it again."),
    ),
    "case.approving": (
        Words("这个工单正在等审批，暂时不能做这一步。", "This case waits for an approval."),
        Words("请等审批结果，或由提出人撤回。", "Wait for the answer, or let the asker withdraw."),
    ),
    "case.not_asked": (
        Words("这个工单没有待审批的事项。", "Nothing waits for approval here."),
        Words("可能已被别人处理，请刷新。", "Somebody may have answered; reload."),
    ),
    "case.not_your_turn": (
        Words("这一步要由 {roles} 审批，您不在其中。", "This approval is for {roles}."),
        Words("请找有该角色的同事处理。", "Ask a colleague of that role."),
    ),
    "case.second_person": (
        Words("提出人和每位审批人必须是不同的人。", "The asker and each approver must be different people."),
        Words("请换一位同事审批。", "Ask another colleague."),
    ),
    "case.not_your_step": (
        Words("这一步要由 {roles} 来做。", "This step is for {roles}."),
        Words("请把工单转给相应的同事。", "Hand the case to such a colleague."),
    ),
    "case.not_this_step": (
        Words("现在该做的不是这一步。", "This is not the step to be done now."),
        Words("请刷新后按顺序操作。", "Reload and follow the steps."),
    ),
    "case.no_choice": (
        Words("请先选一个处理结果。", "Choose one of the answers first."),
        Words("每个选项会带到不同的下一步。", "Each leads to another step."),
    ),
    "case.note_missing": (
        Words("这一步要写下说明。", "This step needs a note."),
        Words("写清看到了什么、依据是什么。", "Say what you saw and why."),
    ),
    "case.cause_missing": (
        Words("还没有选定原因，不能结案。", "The cause is not pinned; the case can not be closed."),
        Words("请先选一个原因；没有合适的可以新增。", "Choose a cause; add one if none fits."),
    ),
    "case.cause_unknown": (
        Words("没有这个原因，或它已停用。", "There is no such cause, or it is no longer used."),
        Words("请从列表里选。", "Choose one from the list."),
    ),
    "case.contact_missing": (
        Words("这一步还没有联系记录。", "No contact was noted in this step."),
        Words("请先记下怎么联系的、结果如何。", "Note how you tried and what came of it."),
    ),
    "case.address_incomplete": (
        Words("地址还不完整：缺{gaps}。", "The address is incomplete: {gaps} missing."),
        Words("补全并保存后再继续。", "Complete and save it first."),
    ),
    "case.no_difference": (
        Words("这张订单没有待处理的付款差异。", "This order has no open payment difference."),
        Words("可以跳过这一步。", "Skip this step."),
    ),
    "case.not_optional": (
        Words("这一步不能跳过。", "This step can not be skipped."),
        Words("请按要求完成。", "Do it as asked."),
    ),
    "case.until_past": (
        Words("等待的截止时间要晚于现在。", "The end of the wait must lie ahead."),
        Words("请选一个将来的时间，最长 30 天。", "Choose a time within the next 30 days."),
    ),
    "case.no_person": (
        Words("没有这位同事，或账号已停用。", "There is no such colleague, or the account is closed."),
        Words("请从列表里选。", "Choose one from the list."),
    ),
    "case.bad_sop": (
        Words("步骤说明有 {count} 处问题，没有发布。第一处：{first}", "The SOP has {count} faults; the first: {first}"),
        Words("改好后再发布。", "Correct them and publish again."),
    ),
    "case.name_taken": (
        Words("名称“{name}”已经用过。", "The name “{name}” is taken."),
        Words("请换一个名称。", "Choose another."),
    ),
    "case.template_place": (
        Words("模板里的“{place}”不是可用的占位词。", "“{place}” is no place that a message can have."),
        Words("可用：{options}。", "There are: {options}."),
    ),
    "case.attachment_kind": (
        Words("不能上传这种文件。", "Files of this kind are not taken."),
        Words("支持图片、PDF、Excel、Word 和纯文本。", "Images, PDF, office files and plain text are."),
    ),
    "case.attachment_large": (
        Words("文件太大（上限 {limit} MB）。", "The file is too large (limit {limit} MB)."),
        Words("请压缩后再上传。", "Make it smaller."),
    ),
    "case.attachments_many": (
        Words("这张订单的附件已满 {limit} 个。", "This order has {limit} attachments already."),
        Words("请合并成一个文件后上传。", "Put them into one file."),
    ),
    "case.empty": (
        Words("内容是空的。", "There is nothing in it."),
        Words("请写点内容再发。", "Write something first."),
    ),
    "case.macro": (
        Words("动作包写得不对：{what}", "The macro is not right: {what}"),
        Words("请检查后再保存。", "Correct it and save again."),
    ),
    "case.link_not_now": (
        Words("这张订单现在不能让买家补地址。", "The buyer can not complete the address of this order now."),
        Words("只有待审核、异常或挂起的订单可以。", "Only orders that wait for review can be completed."),
    ),
    "case.reachable": (
        Words("还没到 {days} 天联系不上，不能归档。", "The buyer has not been out of reach for {days} days."),
        Words("请换时段再联系，并记下每一次。", "Try again at other times, and note each try."),
    ),
    "case.nothing_given": (
        Words("买家还没有提交地址。", "The buyer has not sent an address."),
        Words("可以再联系一次买家。", "Contact the buyer again."),
    ),
    "address.problem": (
        Words("地址还有问题：{what}", "The address has problems: {what}"),
        Words("请按提示补全。", "Complete it as told."),
    ),
}


def fault(name: str, /, **params: object) -> Message:
    """Say what is wrong with an SOP."""
    words, advice = _FAULTS[name]
    return Message(f"sop.{name}", words, advice, params)


def message(name: str, /, **params: object) -> Message:
    """Say why something was refused."""
    words, advice = _REFUSALS[name]
    return Message(name, words, advice, params)


SOP_NOTE: Final = Words("自带模板", "Template")
BY_BUYER: Final = Words("买家（补址链接）", "The buyer (address link)")
CORRECTED: Final = Words("改正收货信息", "Receiver put right")
CORRECTED_BY_LINK: Final = Words("买家通过链接补全地址", "The buyer completed the address by link")
BY_CASE: Final = Words("异常工单：{type} · {choice}", "Case: {type} · {choice}")
ORDER_LEFT: Final = Words("订单已离开", "The order left")
ARCHIVED: Final = Words(
    "买家自 {since} 起 {tries} 次联系不上，归档", "Out of reach since {since} ({tries} tries); archived"
)
LATE: Final[dict[str, Words]] = {
    "respond": Words("{count} 个异常工单到时限还没人接手", "{count} cases were answered by nobody in time"),
    "resolve": Words("{count} 个异常工单过了办结时限", "{count} cases are past the time to be closed"),
    "cause": Words("{count} 个异常工单当日没查明原因", "{count} cases have no cause pinned on their day"),
}
