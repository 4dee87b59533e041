"""A rule as one sentence that a shop clerk reads, in either language."""

from typing import Final

from qingdan.core.fields import FIELDS, Type
from qingdan.core.message import Language, Words
from qingdan.core.policy.ast import (
    And,
    Arith,
    AsOf,
    Builtin,
    BuiltinRef,
    Compare,
    Expr,
    FieldRef,
    InSet,
    IsEmpty,
    Length,
    ListContains,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    Scalar,
    TextMatch,
    TextOp,
    Truth,
)
from qingdan.core.policy.model import SAME_DAY, Deadline, Kind, Policy, Rule, Tier
from qingdan.core.policy.render import duration_text, money_text
from qingdan.core.policy.vocabulary import value_of

_COMPARED: Final[dict[Op, Words]] = {
    Op.EQ: Words("{left}是{right}", "{left} is {right}"),
    Op.NE: Words("{left}不是{right}", "{left} is not {right}"),
    Op.LT: Words("{left}不到{right}", "{left} is below {right}"),
    Op.LE: Words("{left}不超过{right}", "{left} is at most {right}"),
    Op.GT: Words("{left}超过{right}", "{left} is above {right}"),
    Op.GE: Words("{left}至少{right}", "{left} is at least {right}"),
}
_TIMED: Final[dict[Op, Words]] = {
    Op.EQ: Words("{left}正好是{right}", "{left} is exactly {right}"),
    Op.NE: Words("{left}不是{right}", "{left} is not {right}"),
    Op.LT: Words("{left}早于{right}", "{left} is before {right}"),
    Op.LE: Words("{left}不晚于{right}", "{left} is not after {right}"),
    Op.GT: Words("{left}晚于{right}", "{left} is after {right}"),
    Op.GE: Words("{left}不早于{right}", "{left} is not before {right}"),
}
_BUILTINS: Final[dict[Builtin, Words]] = {
    Builtin.ANY_EXCEPTION: Words("命中任一异常", "any exception applies"),
    Builtin.ANY_HOLD: Words("命中任一挂起", "any hold applies"),
    Builtin.ALL_CHECKS_PASSED: Words("检查项全部通过", "all checks pass"),
}
_SEARCHED: Final[dict[TextOp, Words]] = {
    TextOp.CONTAINS: Words("{field}提到{sought}", "{field} mentions {sought}"),
    TextOp.CONTAINS_ALL: Words("{field}同时提到{sought}", "{field} mentions all of {sought}"),
    TextOp.STARTS: Words("{field}以{sought}开头", "{field} starts with {sought}"),
    TextOp.ENDS: Words("{field}以{sought}结尾", "{field} ends with {sought}"),
}
_FRAMES: Final[dict[Kind, Words]] = {
    Kind.SCOPE: Words("只审核这样的订单：{condition}。", "Only orders are reviewed where {condition}."),
    Kind.CHECK: Words("自动放行的前提：{condition}。", "To be released by itself: {condition}."),
    Kind.EXCEPTION: Words("转为异常单，由人处理：{condition}。", "Becomes an exception for a person when {condition}."),
    Kind.HOLD: Words("先挂起不发：{condition}。", "Is held when {condition}."),
    Kind.TAG: Words("打上标签“{title}”：{condition}。", "Is tagged “{title}” when {condition}."),
    Kind.TIER: Words("归为“{title}”：{condition}。", "Falls into “{title}” when {condition}."),
}
_EMPTY: Final = Words("{field}为空", "{field} is empty")
_GIVEN: Final = Words("{field}有内容", "{field} is given")
_ELSE: Final = Words("其余订单归为“{title}”。", "Every other order falls into “{title}”.")
_UNTIL: Final = Words("挂到：{until}。", " Until: {until}.")
_OWNERS: Final[dict[str, Words]] = {
    "supervisor": Words("主管", "the supervisor"),
    "front_line": Words("一线轮值", "the front line"),
    "risk": Words("风控专员", "the risk specialist"),
    "finance": Words("财务", "finance"),
    "warehouse": Words("仓库", "the warehouse"),
}
_OWNED: Final = Words("由{owner}负责", " Owner: {owner}")
_RESPOND: Final = Words("，{limit}内响应", ", respond within {limit}")
_RESOLVE: Final = Words("，{limit}内办结", ", resolve within {limit}")
_TODAY: Final = Words("，当天办结", ", resolve the same day")


def sentence(policy: Policy, rule: Rule) -> Words:
    """What a rule does, in one or two sentences of either language."""
    return Words(_Teller("zh").rule(policy, rule), _Teller("en").rule(policy, rule))


def phrase(expr: Expr) -> Words:
    """A condition in words."""
    return Words(_Teller("zh").expr(expr), _Teller("en").expr(expr))


class _Teller:
    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._zh = language == "zh"

    def rule(self, policy: Policy, rule: Rule) -> str:
        title = rule.title.chosen(self._language)
        if rule.kind is Kind.TIER:
            tier = next(t for t in policy.tiers if t.id == rule.id)
            return self._tier(rule, tier, title)
        said = self._say(_FRAMES[rule.kind], title=title, condition=self.expr(rule.ast))
        if rule.until is None:
            return said
        until = rule.until if isinstance(rule.until, str) else self.expr(rule.until)
        return said + self._say(_UNTIL, until=until.rstrip("。."))

    def _tier(self, rule: Rule, tier: Tier, title: str) -> str:
        otherwise = rule.ast == Truth(value=True)
        frame = _ELSE if otherwise else _FRAMES[Kind.TIER]
        said = self._say(frame, title=title, condition="" if otherwise else self.expr(rule.ast))
        said += self._say(_OWNED, owner=_OWNERS[tier.owner].chosen(self._language))
        said += self._limit(_RESPOND, tier.respond) + self._limit(_RESOLVE, tier.resolve)
        return said + ("。" if self._zh else ".")

    def _limit(self, frame: Words, limit: Deadline) -> str:
        if limit is None:
            return ""
        if limit == SAME_DAY or isinstance(limit, str):
            return self._say(_TODAY)
        return self._say(frame, limit=duration_text(round(limit.total_seconds()) * 1_000_000, self._language))

    def _say(self, words: Words, **params: object) -> str:
        return words.text(self._language, params)

    def expr(self, expr: Expr, *, inside: bool = False) -> str:
        match expr:
            case And(args):
                joined = ("，并且" if self._zh else ", and ").join(self.expr(a, inside=True) for a in args)
            case Or(args):
                joined = ("，或者" if self._zh else ", or ").join(self.expr(a, inside=True) for a in args)
            case Not(arg):
                return f"并非（{self.expr(arg)}）" if self._zh else f"it is not so that ({self.expr(arg)})"
            case _:
                return self._leaf(expr)
        if not inside:
            return joined
        return f"（{joined}）" if self._zh else f"({joined})"

    def _leaf(self, leaf: Expr) -> str:  # noqa: C901, PLR0911 - one arm a kind of node
        match leaf:
            case Truth(value):
                return ("总是" if value else "从不") if self._zh else ("always" if value else "never")
            case BuiltinRef(name):
                return _BUILTINS[name].chosen(self._language)
            case Compare(Op.EQ | Op.NE as op, FieldRef(id=name, type=Type.BOOL), Literal(value=value)):
                yes = bool(value) is (op is Op.EQ)
                if self._zh:
                    return f"{self._name(name)}为“{'是' if yes else '否'}”"
                return f"{self._name(name)} is {'yes' if yes else 'no'}"
            case Compare(op, left, right):
                frame = (_TIMED if left.type is Type.TIME else _COMPARED)[op]
                return self._say(frame, left=self._scalar(left), right=self._right(left, right))
            case InSet(ref, values, negated):
                return self._in_set(ref, values, negated=negated)
            case TextMatch(op, name, words, list_name):
                searched = [f"“{word}”" for word in words]
                named = f"词表“{list_name}”里的词" if self._zh else f"a word of the list “{list_name}”"
                text = named if list_name is not None else self._any(searched, every=op is TextOp.CONTAINS_ALL)
                return self._say(_SEARCHED[op], field=self._name(name), sought=text)
            case Matches(name, pattern):
                said = Words("{field}符合格式 {pattern}", "{field} matches {pattern}")
                return self._say(said, field=self._name(name), pattern=pattern)
            case ListContains(name, values, every):
                labels = [self._value(name, v) for v in values]
                said = Words("{field}包括{values}", "{field} includes {values}")
                return self._say(said, field=self._name(name), values=self._any(labels, every=every))
            case IsEmpty(ref, negated):
                return self._say(_GIVEN if negated else _EMPTY, field=self._name(ref.id))
        return self.expr(leaf)

    def _in_set(self, ref: FieldRef, values: tuple[int | str, ...], *, negated: bool) -> str:
        labels = [self._literal(Literal(ref.type, v), ref) for v in values]
        said = Words("{field}不是{values}", "{field} is none of {values}")
        if not negated:
            said = Words("{field}是{values}", "{field} is {values}")
        text = self._any(labels, every=negated and not self._zh)
        return self._say(said, field=self._name(ref.id), values=text)

    def _any(self, texts: list[str], *, every: bool = False) -> str:
        if len(texts) == 1:
            return texts[0]
        if self._zh:
            return "、".join(texts[:-1]) + ("和" if every else "或") + texts[-1]
        return ", ".join(texts[:-1]) + (" and " if every else " or ") + texts[-1]

    def _name(self, field_id: str) -> str:
        return FIELDS[field_id].zh if self._zh else FIELDS[field_id].en

    def _value(self, field_id: str, value: str) -> str:
        found = value_of(FIELDS[field_id], value)
        return found.zh if self._zh else found.en

    def _right(self, left: Scalar, right: Scalar) -> str:
        text = self._literal(right, left) if isinstance(right, Literal) else self._scalar(right)
        return f" {text}" if self._zh and text[:1].isascii() and isinstance(right, Literal) else text

    def _literal(self, literal: Literal, of: Scalar) -> str:
        value = literal.value
        match literal.type:
            case Type.MONEY:
                return money_text(int(value), self._language)
            case Type.DURATION:
                return duration_text(int(value), self._language)
            case Type.BOOL:
                return ("是" if value else "否") if self._zh else ("yes" if value else "no")
            case Type.ENUM if isinstance(of, FieldRef):
                return self._value(of.id, str(value))
            case Type.TEXT:
                return f"“{value}”"
        return str(value)

    def _part(self, scalar: Scalar) -> str:
        return f"({self._scalar(scalar)})" if isinstance(scalar, Arith) else self._scalar(scalar)

    def _scalar(self, scalar: Scalar) -> str:  # noqa: PLR0911 - one arm a kind of node
        match scalar:
            case FieldRef(id=name):
                return self._name(name)
            case AsOf():
                return "审核时" if self._zh else "the moment of review"
            case Length(field=name):
                return f"{self._name(name)}的字数" if self._zh else f"the length of {self._name(name)}"
            case Arith(op, AsOf(), Literal(Type.DURATION, value)):
                text = duration_text(abs(int(value)), self._language)
                before = (op == "-") is (int(value) >= 0)
                if self._zh:
                    return f"审核时的 {text}{'前' if before else '后'}"
                return f"{text} {'before' if before else 'after'} the moment of review"
            case Arith(op, left, right):
                sign = {"*": "×"}.get(op, op)
                return f"{self._part(left)} {sign} {self._part(right)}"
            case Literal():
                return self._literal(scalar, scalar)
