"""The finite space of cases that a set of conditions can tell apart.

Every field is an axis whose cells are the answers its conditions can give, each with a value that gives them. Where the
known values do not exhaust a field (texts, times, arithmetic), cells without a value stand for every other
combination of answers: more than can happen, so that "no case exists" is a proof. A case with values is an order.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from qingdan.core.fields import FIELDS, Type
from qingdan.core.policy.ast import (
    And,
    BuiltinRef,
    Compare,
    Expr,
    FieldRef,
    InSet,
    Leaf,
    ListContains,
    Literal,
    Matches,
    Not,
    Op,
    Or,
    Scalar,
    TextMatch,
    Truth,
    leaf_fields,
    leaves,
)
from qingdan.core.policy.closure import resolve
from qingdan.core.policy.evaluate import Evaluator, Ternary

MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""as_of of the examples."""
_CELLS: Final = 200_000
_FREE_LEAVES: Final = 6
_CODE: Final[dict[Ternary, int]] = {False: 0, None: 1, True: 2}
_Cases = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Cell:
    """Answers of an axis's leaves; ``value`` gives them when ``concrete``."""

    answers: tuple[Ternary, ...]
    value: object = None
    concrete: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """One field (or one leaf that reads several, or a built-in) with the cases it can be in."""

    field: str | None
    leaves: tuple[Leaf, ...]
    cells: tuple[Cell, ...]


class Space:
    """All cases of ``exprs``; ``fits`` is False when they are too many to look at."""

    def __init__(self, exprs: Sequence[Expr], words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words
        grouped: dict[object, list[Leaf]] = {}
        for leaf in dict.fromkeys(leaf for expr in exprs for leaf in leaves(expr)):
            if not isinstance(leaf, Truth):
                names = leaf_fields(leaf)
                grouped.setdefault(names[0] if len(names) == 1 else leaf, []).append(leaf)
        self.exhaustive = True
        self.axes = tuple(self._axis(key, tuple(group)) for key, group in grouped.items())
        self.shape = tuple(len(axis.cells) for axis in self.axes)
        size = 1
        for length in self.shape:
            size *= length
        self.fits = size <= _CELLS and len(self.axes) <= 30
        self._arrays: dict[Leaf, _Cases] = {}
        if self.fits:
            for place, axis in enumerate(self.axes):
                shape = [len(axis.cells) if i == place else 1 for i in range(len(self.axes))]
                for index, leaf in enumerate(axis.leaves):
                    codes = np.array([_CODE[cell.answers[index]] for cell in axis.cells], dtype=np.int8)
                    self._arrays[leaf] = codes.reshape(shape)

    def true(self, expr: Expr) -> npt.NDArray[np.bool_]:
        """Cases in which ``expr`` is TRUE."""
        return np.broadcast_to(self._value(expr) == 2, self.shape or (1,))

    def concrete(self) -> npt.NDArray[np.bool_]:
        """Cases that are orders."""
        known = np.ones(self.shape or (1,), dtype=np.bool_)
        for place, axis in enumerate(self.axes):
            shape = [len(axis.cells) if i == place else 1 for i in range(len(self.axes))]
            # A built-in has no field of its own: its value comes from the fields around it and is tested there.
            cells = [cell.concrete or isinstance(axis.leaves[0], BuiltinRef) for cell in axis.cells]
            known &= np.array(cells, dtype=np.bool_).reshape(shape)
        return known

    def orders(self, cases: npt.NDArray[np.bool_], limit: int) -> Iterator[tuple[dict[str, object], dict[str, bool]]]:
        """Orders of up to ``limit`` cases, those with fewest missing fields first, and the built-ins they ask for."""
        places = np.argwhere(cases)[:1_000]
        built: list[tuple[int, dict[str, object], dict[str, bool]]] = []
        for place in places:
            order: dict[str, object] = {}
            asked: dict[str, bool] = {}
            for index, axis in zip(place, self.axes, strict=False):
                cell = axis.cells[index]
                if axis.field is not None:
                    order[axis.field] = cell.value
                elif isinstance(axis.leaves[0], BuiltinRef):
                    asked[axis.leaves[0].name.value] = bool(cell.answers[0])
            built.append((sum(value is None for value in order.values()), order, asked))
        built.sort(key=lambda item: item[0])
        for _, order, asked in built[:limit]:
            yield order, asked

    def _value(self, expr: Expr) -> _Cases:
        match expr:
            case Truth(value):
                return np.full((1,) * max(len(self.shape), 1), 2 if value else 0, dtype=np.int8)
            case Not(arg):
                inverse: _Cases = 2 - self._value(arg)
                return inverse
            case And(args) | Or(args):
                join = np.minimum if isinstance(expr, And) else np.maximum
                whole = self._value(args[0])
                for arg in args[1:]:
                    whole = join(whole, self._value(arg))
                return whole
        return self._arrays[expr]

    def _axis(self, key: object, group: tuple[Leaf, ...]) -> Axis:
        if not isinstance(key, str):
            answers: tuple[Ternary, ...] = (True, False) if isinstance(group[0], BuiltinRef) else (True, False, None)
            return Axis(None, group, tuple(Cell((a,), concrete=False) for a in answers))
        values, complete = self._values(key, group)
        cells: dict[tuple[Ternary, ...], Cell] = {}
        for value in values:
            walk = Evaluator(self._words, {key: value}, MOMENT)
            found = tuple(walk.leaf(leaf) for leaf in group)
            cells.setdefault(found, Cell(found, value))
        # Only null leaves a text unknown, but a number or a time also beyond the bounds of arithmetic.
        free: tuple[Ternary, ...] = (True, False) if FIELDS[key].type is Type.TEXT else (True, False, None)
        if not complete and len(group) <= _FREE_LEAVES:
            for combination in itertools.product(free, repeat=len(group)):
                cells.setdefault(combination, Cell(combination, concrete=False))
        elif not complete:
            self.exhaustive = False
        return Axis(key, group, tuple(cells.values()))

    def _values(self, name: str, group: tuple[Leaf, ...]) -> tuple[list[object], bool]:
        """Values worth trying for a field, null last, and whether they cover every answer it can give."""
        field = FIELDS[name]
        match field.type:
            case Type.BOOL:
                return [True, False, None], True
            case Type.ENUM:
                return [*field.value_ids, None], True
            case Type.ENUM_LIST:
                used = sorted({v for leaf in group if isinstance(leaf, ListContains) for v in leaf.values})
                some = used[:_FREE_LEAVES]
                lists = [list(c) for n in range(len(some) + 1) for c in itertools.combinations(some, n)]
                spare = [[v] for v in field.value_ids if v not in used][:1]
                return [*lists, *spare, None], len(used) <= _FREE_LEAVES
            case Type.TEXT:
                return self._texts(group), False
            case Type.TIME:
                steps = sorted({0, *(abs(n) for leaf in group for n in _numbers(leaf))})
                near = [s * n + d for n in steps for s in (1, -1) for d in (-1_000_000, 0, 1_000_000)]
                return [*(MOMENT + timedelta(microseconds=n) for n in near), None], False
        numbers = sorted({0, *(n for leaf in group for n in _numbers(leaf))})
        plain = all(isinstance(leaf, InSet) or _is_plain(leaf) for leaf in group)
        return [*(n + d for n in numbers for d in (0, 1, -1)), None], plain

    def _texts(self, group: tuple[Leaf, ...]) -> list[object]:
        words: list[str] = []
        for leaf in group:
            if isinstance(leaf, TextMatch):
                words.extend(resolve(leaf, self._words)[:5])
            elif isinstance(leaf, InSet):
                words.extend(str(v) for v in leaf.values[:5])
            elif isinstance(leaf, Compare) and isinstance(leaf.right, Literal):
                words.append(str(leaf.right.value))
            elif isinstance(leaf, Matches):
                words.extend(c for c in leaf.pattern if c.isalnum())
        words = list(dict.fromkeys(words))[:12]
        pairs = [a + b for a, b in itertools.permutations(words[:6], 2)]
        lengths = sorted({n + d for leaf in group for n in _numbers(leaf) for d in (-1, 0, 1) if 0 < n + d < 200})
        return [
            "普通文字",
            *words,
            *pairs,
            "".join(words),
            *("文" * n for n in lengths),
            *("1" * n for n in lengths),
            "",
            None,
        ]


def _is_plain(leaf: Leaf) -> bool:
    """Whether a comparison is of the field itself with a constant, so that its neighbours cover every answer."""
    if not isinstance(leaf, Compare):
        return True
    return all(isinstance(side, (FieldRef, Literal)) for side in (leaf.left, leaf.right))


def _numbers(leaf: Leaf) -> Iterator[int]:
    if isinstance(leaf, Compare) and leaf.op in set(Op):
        yield from _literals(leaf.left)
        yield from _literals(leaf.right)
    elif isinstance(leaf, InSet):
        yield from (v for v in leaf.values if isinstance(v, int))


def _literals(scalar: Scalar) -> Iterator[int]:
    if isinstance(scalar, Literal) and isinstance(scalar.value, int):
        yield int(scalar.value)
    elif not isinstance(scalar, (Literal, FieldRef)):
        for side in ("left", "right"):
            part = getattr(scalar, side, None)
            if part is not None:
                yield from _literals(part)
