"""Checking a policy's text for the editor: its form, every problem with its place, each rule in plain words."""

from datetime import datetime
from typing import Any, Final

from qingdan.core.message import Language, Message
from qingdan.core.policy import Policy, PolicyError, Problem, Severity, load_policy
from qingdan.core.policy.form import read_form
from qingdan.core.policy.places import Places
from qingdan.core.policy.sentence import sentence
from qingdan.core.policy.tablecheck import example_text

_IN_FORM: Final = {"pass": "condition", "when": "condition"}


def check(source: str, language: Language) -> dict[str, Any]:
    """Return all that the editor wants to know about a text, whether it has errors or not."""
    problems: tuple[Problem, ...]
    policy: Policy | None
    try:
        policy = load_policy(source)
        problems = policy.warnings
    except PolicyError as error:
        policy, problems = None, error.problems
    places = Places(source)
    return {
        "ok": policy is not None,
        "hash": policy.hash if policy else None,
        "form": _form(source, language),
        "problems": [_problem(problem, places) for problem in problems],
        "sentences": _sentences(policy) if policy else [],
    }


def _form(source: str, language: Language) -> dict[str, Any] | None:
    try:
        return read_form(source, language)
    except PolicyError:
        return None


def _problem(problem: Problem, places: Places) -> dict[str, Any]:
    place = places.of(problem)
    example = problem.example
    return {
        "code": problem.message.id,
        "severity": "error" if problem.severity is Severity.ERROR else "warning",
        "line": problem.line,
        "column": problem.column,
        "path": [_IN_FORM.get(step, step) if isinstance(step, str) else step for step in place.path],
        "rule": place.rule,
        "message": said(problem.message),
        "advice": {"zh": problem.message.advice_text("zh"), "en": problem.message.advice_text("en")},
        "example": None
        if example is None
        else {k: v.isoformat() if isinstance(v, datetime) else v for k, v in example.items()},
        "example_text": None
        if example is None
        else {"zh": example_text(example, "zh"), "en": example_text(example, "en")},
    }


def said(message: Message) -> dict[str, str]:
    """Return a message in both languages."""
    return {"zh": message.text("zh"), "en": message.text("en")}


def _sentences(policy: Policy) -> list[dict[str, Any]]:
    told = ((rule, sentence(policy, rule)) for rule in policy.rules)
    return [{"id": rule.id, "kind": rule.kind.value, "text": words.both()} for rule, words in told]
