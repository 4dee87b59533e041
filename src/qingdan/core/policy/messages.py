"""What the rule language says to the person who writes a policy."""

from typing import Final

from qingdan.core.message import Message, Words

_CATALOGUE: Final[dict[str, tuple[Words, Words | None]]] = {
    "yaml": (
        Words("文件不是有效的 YAML：{detail}", "The file is not valid YAML: {detail}"),
        Words("检查缩进、冒号和引号。", "Check indentation, colons and quotes."),
    ),
    "too_large": (
        Words("{what}过大：{size}，上限 {limit}", "{what} is too large: {size}, the limit is {limit}"),
        Words("拆成几个小的。", "Split it into smaller ones."),
    ),
    "alias": (
        Words("策略文件不支持 YAML 锚点和引用（& 与 *）", "YAML anchors and aliases are not supported"),
        Words("把内容直接写出来。", "Write the content out."),
    ),
    "duplicate_key": (Words("“{key}”重复出现", "“{key}” appears twice"), None),
    "unknown_key": (
        Words("不认识的键“{key}”", "Unknown key “{key}”"),
        Words("可用的键：{known}", "Known keys: {known}"),
    ),
    "missing_key": (Words("缺少“{key}”", "“{key}” is missing"), None),
    "wrong_shape": (Words("这里应当是{expected}", "Expected {expected} here"), None),
    "bad_id": (
        Words(
            "编号“{id}”不合规：以小写字母开头，只用小写字母、数字和下划线，最长 40 位",
            "Id “{id}”: start with a lower-case letter, use lower-case letters, digits and underscores, at most 40",
        ),
        None,
    ),
    "reserved_id": (
        Words("编号“{id}”由系统保留", "Id “{id}” is reserved"),
        Words("换一个编号。", "Choose another id."),
    ),
    "duplicate_id": (Words("编号“{id}”重复", "Id “{id}” is used twice"), None),
    "bad_owner": (
        Words("负责人“{owner}”不存在", "No such owner “{owner}”"),
        Words("可选：{known}", "Choose one of: {known}"),
    ),
    "bad_duration": (
        Words("“{text}”不是时长", "“{text}” is not a duration"),
        Words("写成 2小时、30分钟、1天。", "Write 2 hours, 30 minutes or 1 day."),
    ),
    "empty_word": (
        Words("词语“{word}”去掉空格后为空", "Word “{word}” is empty once normalised"),
        Words("删掉它。", "Remove it."),
    ),
    "unknown_text": (
        Words("不认识“{text}”", "“{text}” is not known"),
        Words("{hint}", "{hint}"),
    ),
    "ambiguous": (
        Words("“{text}”有多种读法：{readings}", "“{text}” can be read in several ways: {readings}"),
        Words("加空格，或用方括号括住名称，如 [实付金额]。", "Use spaces or brackets, as in [paid_amount]."),
    ),
    "open_text": (Words("文字缺少结束的引号", "The text has no closing quote"), None),
    "open_bracket": (Words("名称缺少结束的 ]", "The name has no closing ]"), None),
    "bad_number": (
        Words("数字“{text}”写法不对", "Number “{text}” is not valid"),
        Words(
            "整数直接写；金额带“元”，最多两位小数；时长带“分钟”“小时”“天”。",
            "Write whole numbers; money with yuan and at most two decimals; durations with minutes, hours, days.",
        ),
    ),
    "expected": (
        Words("这里应当是{expected}，却是“{found}”", "Expected {expected} here but found “{found}”"),
        None,
    ),
    "chained": (
        Words("不能连写比较", "Comparisons can not be chained"),
        Words("用“且”拆成两个条件。", "Split it into two conditions with “and”."),
    ),
    "not_condition": (
        Words("“{text}”不是条件", "“{text}” is not a condition"),
        Words("补上比较，例如 {text} = …", "Add a comparison, as in {text} = …"),
    ),
    "not_value": (Words("这里需要一个值，不能是条件", "A value is needed here, not a condition"), None),
    "no_field": (
        Words("比较里没有任何字段，结果永远不变", "The comparison reads no field, its result never changes"),
        None,
    ),
    "type_mismatch": (
        Words("{left}不能与{right}比较", "{left} can not be compared with {right}"),
        Words("{hint}", "{hint}"),
    ),
    "bad_operator": (
        Words("“{op}”不能用于{type}", "“{op}” can not be used on {type}"),
        None,
    ),
    "bad_arith": (
        Words("{left} {op} {right} 不能计算", "{left} {op} {right} can not be calculated"),
        Words(
            "可以：金额±金额、金额×整数、整数±整数、时间−时间、时间±时长、时长±时长。",
            "Allowed: money ± money, money × int, int ± int, time − time, time ± duration, duration ± duration.",
        ),
    ),
    "bad_value": (
        Words("“{text}”不是“{field}”的取值", "“{text}” is not a value of “{field}”"),
        Words("可选：{known}", "Values: {known}"),
    ),
    "need_field": (Words("“{op}”左边应当是字段", "The left side of “{op}” must be a field"), None),
    "need_text": (
        Words("这里应当是带引号的文字", "Quoted text is needed here"),
        Words('写成 "加急"、{{"加急", "催发"}} 或 @词表。', 'Write "text", {{"a", "b"}} or @words.'),
    ),
    "empty_set": (Words("花括号里没有值", "The braces hold no value"), None),
    "duplicate_value": (Words("“{text}”重复", "“{text}” appears twice"), None),
    "unknown_words": (
        Words("没有名为“{name}”的词表", "There is no word list “{name}”"),
        Words("在 words 里定义它。已有：{known}", "Define it under words. Known: {known}"),
    ),
    "builtin_outside": (
        Words("“{text}”只能用在分级里", "“{text}” can be used in tiers only"),
        None,
    ),
    "bad_pattern": (
        Words("匹配式第 {place} 位：{zh}", "Pattern, character {place}: {en}"),
        Words(
            "可用：文字、[0-9一-龥] 这样的字符组、( )、|、?、{{m,n}}、最多一个 + 或 *、^、$。",
            "Allowed: literals, classes such as [0-9一-龥], ( ), |, ?, {{m,n}}, at most one + or *, ^ and $.",
        ),
    ),
    "nullable": (
        Words(
            "“{field}”可能为空，为空时这个否定条件无法判断",
            "“{field}” may be empty; this negative condition is then unknown",
        ),
        Words(
            "若为空时也算，加上：或 {field} 为空；若不算，加上：且 {field} 不为空。",
            "Add “or {field} is empty” or “and {field} is not empty”.",
        ),
    ),
    "else_missing": (
        Words("分级表的最后一行必须是 else: true", "The last row of a first-hit table must be else: true"),
        None,
    ),
    "else_not_last": (
        Words("else 必须是最后一行，后面的行永远不会命中", "else must be the last row; rows after it never hit"),
        None,
    ),
    "when_or_else": (Words("每行要么写 when，要么写 else: true", "A row has either when or else: true"), None),
    "shadowed": (
        Words(
            "第 {row} 行“{id}”永远轮不到：凡是符合它的订单，前面的行都会先命中。例如 {example}",
            "Row {row} “{id}” is never reached: every order that fits it hits an earlier row. Example: {example_en}",
        ),
        Words("调整顺序或收紧前面的条件。", "Change the order or narrow the rows above."),
    ),
    "overlap": (
        Words(
            "“{first}”和“{second}”会同时命中，例如 {example}", "“{first}” and “{second}” both hit, e.g. {example_en}"
        ),
        Words("让条件互斥。", "Make the conditions exclude each other."),
    ),
    "gap": (
        Words("有订单不命中任何一行，例如 {example}", "Some orders hit no row, for example {example_en}"),
        Words("补上条件，或加一行 else: true。", "Add a row or else: true."),
    ),
}


def message(key: str, /, **params: object) -> Message:
    """Message ``key`` of this room with its places filled."""
    words, advice = _CATALOGUE[key]
    return Message(f"policy.{key}", words, advice, params)


def too_large(zh: str, en: str, size: float, limit: int) -> Message:
    """Say that a thing named ``zh`` and ``en`` is beyond its limit."""
    return message("too_large", what=Words(zh, en), size=size, limit=limit)
