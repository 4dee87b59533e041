"""A policy's text with mined rules in it: each check that keeps their orders back passes them, too."""

from collections.abc import Mapping, Sequence

from qingdan.core.message import Language
from qingdan.core.policy.ast import Expr
from qingdan.core.policy.form import read_form, write_form
from qingdan.core.policy.visual import Node, group, to_node


def with_rules(source: str, added: Mapping[str, Sequence[Expr]], language: Language = "zh") -> str:
    """Text of the policy ``source`` whose checks also pass what the conditions ``added`` to them (by id) select.

    Nothing else changes: holds and exceptions stop what they stopped.
    """
    form = read_form(source, language)
    for check in form["checks"]:
        more = [to_node(expr, language) for expr in added.get(check["id"], ())]
        if more:
            check["condition"] = _either(check["condition"], more)
    return write_form(form, language)


def _either(old: Node, more: Sequence[Node]) -> Node:
    if old["combinator"] == "or" and not old["not"]:
        return {**old, "rules": [*old["rules"], *more]}
    return group("or", [old, *more])
