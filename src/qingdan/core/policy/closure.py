"""Back end for one order: a Python function generated from the typed tree, never from the user's text.

Each condition becomes two plain Boolean expressions, T "certainly true" and F "certainly false"; unknown is neither.
So the generated code is ordinary short-circuit Python with no third value to carry. F is only evaluated where a field
that the rule reads is missing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from qingdan.core.fields import FIELDS, Type
from qingdan.core.policy import limits
from qingdan.core.policy.ast import (
    OPPOSITE,
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
    leaves,
)
from qingdan.core.policy.model import Kind, Rule
from qingdan.core.policy.pattern import read_pattern
from qingdan.core.text import norm_name, normalise

Masks = Callable[[Mapping[str, object], datetime], tuple[int, int]]

_FEW_WORDS: Final = 12
"""Up to so many words, ``in`` one by one beats a compiled alternation."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TIME_RANGE: Final = (_EPOCH, _EPOCH + timedelta(microseconds=limits.TIME_IN_SUMS))
_SIGN: Final = {Op.EQ: "=="}


def closure(rules: Sequence[Rule], words: Mapping[str, tuple[str, ...]]) -> Masks:
    """Function from an order (field id → value) and as_of to the masks of TRUE and of UNKNOWN rules."""
    code = _Code(words)
    source = code.function(rules)
    namespace: dict[str, Any] = dict(code.constants)
    exec(compile(source, "<policy closure>", "exec"), namespace)  # noqa: S102 - built from the typed tree only
    masks: Masks = namespace["masks"]
    return masks


class _Code:
    """Writes the function; remembers which fields it loads and which constants it needs."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words
        self._loads: dict[tuple[str, str], str] = {}
        self._bounds: dict[str, tuple[int, int]] = {}
        self._shared: dict[TextMatch | Matches, str] = {}
        self.constants: dict[str, object] = {"_norm": normalise}

    def function(self, rules: Sequence[Rule]) -> str:
        counts = Counter(leaf for rule in rules for leaf in leaves(rule.ast) if isinstance(leaf, (TextMatch, Matches)))
        shared = [leaf for leaf, count in counts.items() if count > 1]
        atoms: list[str] = []
        for leaf in shared:
            test = self._text_test(leaf)
            name = self._norm(leaf.field)
            self._shared[leaf] = f"x{len(self._shared)}"
            guard = name if isinstance(leaf, TextMatch) else f"{name} is not None"
            atoms.append(f"    {self._shared[leaf]} = {guard} and {test}")
        body = [line for kind in (False, True) for line in self._rules(rules, tiers=kind)]
        lines = ["def masks(order, as_of):", *self._load_lines(), *atoms, "    t = u = 0", *body]
        return "\n".join([*lines, "    return t, u", ""])

    def _rules(self, rules: Sequence[Rule], *, tiers: bool) -> Iterator[str]:
        chosen = [(bit, r) for bit, r in enumerate(rules) if (r.kind is Kind.TIER) is tiers]
        if tiers and chosen:
            yield from self._builtins(rules)
        for bit, rule in chosen:
            yield f"    if {self.true(rule.ast)}: t |= {1 << bit}"
        doubtful: list[str] = []
        loads: dict[str, None] = {}
        for bit, rule in chosen:
            nullable = sorted({name for leaf in leaves(rule.ast) for name in self._nullable(leaf)})
            if nullable:
                loads.update(dict.fromkeys(nullable))
                missing = " or ".join(f"{name} is None" for name in nullable)
                false = self.false(rule.ast)
                doubtful.append(f"        if ({missing}) and not t & {1 << bit} and not {false}: u |= {1 << bit}")
        if doubtful:
            # Most orders miss nothing: one test for all of them.
            yield f"    if {' or '.join(f'{name} is None' for name in loads)}:"
            yield from doubtful

    def _builtins(self, rules: Sequence[Rule]) -> Iterator[str]:
        def bits(*kinds: Kind) -> int:
            return sum(1 << bit for bit, rule in enumerate(rules) if rule.kind in kinds)

        checks = bits(Kind.CHECK)
        yield f"    {Builtin.ANY_EXCEPTION} = t & {bits(Kind.EXCEPTION)} != 0"
        yield f"    {Builtin.ANY_HOLD} = t & {bits(Kind.HOLD)} != 0 or u & {bits(Kind.HOLD, Kind.SCOPE)} != 0"
        yield f"    {Builtin.ALL_CHECKS_PASSED} = t & {checks} == {checks}"

    def _load_lines(self) -> Iterator[str]:
        names = [norm_name(field) if form == "norm" else field for form, field in self._loads]
        if names:
            # One call fetches them all; only an order without some of the fields is asked for each.
            self.constants["_fetch"] = itemgetter(*names)
            loaded = ", ".join(self._loads.values())
            yield f"    try: {loaded} = _fetch(order)"
            yield (
                f"    except KeyError: {loaded} = map(order.get, {names!r})"
                if len(names) > 1
                else (f"    except KeyError: {loaded} = order.get({names[0]!r})")
            )
        for (form, field), name in self._loads.items():
            if form == "norm":
                yield f"    if {name} is None:"
                yield f"        {name} = order.get({field!r})"
                yield f"        if {name} is not None: {name} = _norm({name})"
            elif form == "bounded":
                low, high = self._bounds[name]
                # The year alone: comparing moments of two zone objects costs ten times as much.
                seen = f"{name}.year" if FIELDS[field].type is Type.TIME else name
                yield f"    if {name} is not None and not {low} <= {seen} <= {high}: {name} = None"

    def _load(self, form: str, field: str) -> str:
        return self._loads.setdefault((form, field), f"{form[0]}{len(self._loads)}")

    def _norm(self, field: str) -> str:
        return self._load("norm", field)

    def _plain(self, field: str) -> str:
        return self._load("plain", field)

    def _bounded(self, ref: FieldRef) -> str:
        name = self._load("bounded", ref.id)
        self._bounds[name] = {
            Type.MONEY: (-limits.MONEY_IN_SUMS, limits.MONEY_IN_SUMS),
            Type.INT: (-limits.INT_IN_SUMS, limits.INT_IN_SUMS),
            Type.TIME: limits.YEARS_IN_SUMS,
        }[ref.type]
        return name

    def _constant(self, value: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def true(self, expr: Expr) -> str:
        """Expression that holds exactly when ``expr`` is certainly true."""
        match expr:
            case Not(arg):
                return self.false(arg)
            case And(args):
                return f"({' and '.join(self.true(a) for a in args)})"
            case Or(args):
                return f"({' or '.join(self.true(a) for a in args)})"
        return self._leaf(expr, positive=True)

    def false(self, expr: Expr) -> str:
        """Expression that holds exactly when ``expr`` is certainly false."""
        match expr:
            case Not(arg):
                return self.true(arg)
            case And(args):
                return f"({' or '.join(self.false(a) for a in args)})"
            case Or(args):
                return f"({' and '.join(self.false(a) for a in args)})"
        return self._leaf(expr, positive=False)

    def _leaf(self, leaf: Expr, *, positive: bool) -> str:  # noqa: PLR0911 - one arm a kind of node
        match leaf:
            case Truth(value):
                return str(value is positive)
            case BuiltinRef(name):
                return name.value if positive else f"(not {name.value})"
            case IsEmpty(ref, negated):
                return self._empty(ref, positive=positive is not negated)
            case InSet(ref, values, negated):
                return self._in_set(ref, values, positive=positive is not negated)
            case ListContains(name, values, every):
                loaded = self._plain(name)
                test = (" and " if every else " or ").join(f"{v!r} in {loaded}" for v in values)
                return f"({loaded} is not None and {'' if positive else 'not '}({test}))"
            case TextMatch() | Matches():
                return self._text(leaf, positive=positive)
            case Compare():
                return self._compare(leaf, positive=positive)
        raise TypeError(leaf)

    def _empty(self, ref: FieldRef, *, positive: bool) -> str:
        if ref.type is Type.TEXT:
            return f"(not {self._norm(ref.id)})" if positive else self._norm(ref.id)
        loaded = self._plain(ref.id)
        if ref.type is Type.ENUM_LIST:
            return (
                f"({loaded} is None or not len({loaded}))" if positive else f"({loaded} is not None and len({loaded}))"
            )
        return f"({loaded} is {'' if positive else 'not '}None)"

    def _in_set(self, ref: FieldRef, values: tuple[int | str, ...], *, positive: bool) -> str:
        text = ref.type is Type.TEXT
        loaded = self._norm(ref.id) if text else self._plain(ref.id)
        known = [normalise(str(v)) if text else v for v in values]
        braces = "{" + ", ".join(repr(v) for v in dict.fromkeys(known)) + "}"
        return f"({loaded} in {braces})" if positive else f"({loaded} is not None and {loaded} not in {braces})"

    def _text(self, leaf: TextMatch | Matches, *, positive: bool) -> str:
        name = self._norm(leaf.field)
        test = self._shared.get(leaf)
        if test is not None:
            return test if positive else f"({name} is not None and not {test})"
        test = self._text_test(leaf)
        # A word is never empty, so an empty text needs no search; a pattern may match the empty text.
        guard = name if isinstance(leaf, TextMatch) else f"{name} is not None"
        return f"({guard} and {test})" if positive else f"({name} is not None and not {test})"

    def _text_test(self, leaf: TextMatch | Matches) -> str:
        name = self._norm(leaf.field)
        if isinstance(leaf, Matches):
            pattern = read_pattern(leaf.pattern)
            compiled = re.compile(pattern.python)
            search = self._constant(compiled.match if pattern.anchored else compiled.search)
            return f"({search}({name}) is not None)"
        words = resolve(leaf, self._words)
        if leaf.op in {TextOp.STARTS, TextOp.ENDS}:
            method = "startswith" if leaf.op is TextOp.STARTS else "endswith"
            return f"{name}.{method}({words!r})"
        if leaf.op is TextOp.CONTAINS and len(words) > _FEW_WORDS:
            search = self._constant(re.compile("|".join(re.escape(w) for w in words)).search)
            return f"({search}({name}) is not None)"
        joined = (" and " if leaf.op is TextOp.CONTAINS_ALL else " or ").join(f"{w!r} in {name}" for w in words)
        return f"({joined})"

    def _compare(self, leaf: Compare, *, positive: bool) -> str:
        op = leaf.op if positive else OPPOSITE[leaf.op]
        test = f"{self._scalar(leaf.left)} {_SIGN.get(op, op.value)} {self._scalar(leaf.right)}"
        guards = self._nullable(leaf)
        plain = op is Op.EQ and isinstance(leaf.left, FieldRef) and isinstance(leaf.right, Literal)
        return f"({test})" if plain else f"({' and '.join([*(f'{g} is not None' for g in guards), test])})"

    def _scalar(self, scalar: Scalar, *, inside: bool = False) -> str:  # noqa: PLR0911 - one arm a kind of node
        match scalar:
            case FieldRef(id=name, type=kind):
                if kind is Type.TEXT:
                    return self._norm(name)
                return self._bounded(scalar) if inside else self._plain(name)
            case Literal(Type.DURATION, value):
                return self._constant(timedelta(microseconds=int(value)))
            case Literal(Type.TEXT, value):
                return repr(normalise(str(value)))
            case Literal(value=value):
                return f"({value!r})"
            case AsOf():
                return "as_of"
            case Length(field=name):
                return f"len({self._norm(name)})"
            case Arith(op, left, right):
                return f"({self._scalar(left, inside=True)} {op} {self._scalar(right, inside=True)})"

    def _scalar_loads(self, scalar: Scalar, *, inside: bool = False) -> Iterator[str]:
        match scalar:
            case FieldRef() | Length():
                yield self._norm(scalar.field) if isinstance(scalar, Length) else self._scalar(scalar, inside=inside)
            case Arith(left=left, right=right):
                yield from self._scalar_loads(left, inside=True)
                yield from self._scalar_loads(right, inside=True)

    def _nullable(self, leaf: Expr) -> tuple[str, ...]:
        """Locals whose absence makes the leaf unknown."""
        match leaf:
            case Compare(left=left, right=right):
                return tuple(dict.fromkeys((*self._scalar_loads(left), *self._scalar_loads(right))))
            case InSet(field=FieldRef(id=name, type=kind)):
                return (self._norm(name) if kind is Type.TEXT else self._plain(name),)
            case TextMatch(field=name) | Matches(field=name):
                return (self._norm(name),)
            case ListContains(field=name):
                return (self._plain(name),)
        return ()


def resolve(leaf: TextMatch, words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Normalised words of a search, each once: its own or those of its list."""
    listed = words[leaf.list_name] if leaf.list_name is not None else leaf.words
    return tuple(dict.fromkeys(normalise(word) for word in listed))
