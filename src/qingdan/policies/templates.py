"""Templates: those that come with the program, and those that a team saves, exports and imports as one file."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from qingdan.core.message import Words
from qingdan.core.policy.form import read_form, write_form
from qingdan.orders.actors import Actor
from qingdan.policies.actions import ensure_live
from qingdan.policies.drafts import note, ready
from qingdan.policies.errors import NameTakenError, NotThereError
from qingdan.policies.models import Backtest, Template

_FOLDER: Final = "data/policies"
_RESULTS: Final = Words(
    "回测 {orders} 单：放行 {released} 单（{rate:.1%}），出问题 {problems} 单，问题率上限 {bound:.2%}（95%）。",
    "Backtest of {orders} orders: {released} released ({rate:.1%}), {problems} with problems, at most {bound:.2%}.",
)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A template that comes with the program."""

    id: str
    about: Words


BUILTINS: Final = (
    Builtin("daily", Words("平时用的一套，只拦真正要人看的", "For usual days: stops only what a person must see")),
    Builtin(
        "livestream",
        Words("直播集中出单，防多单和冲动退单", "A burst: many orders to one receiver, regrets"),
    ),
    Builtin("promotion", Words("618、双11：小额尽快放，加急优先", "618 and Double 11: small orders go at once")),
    Builtin("presale", Words("尾款未付先挂起，快到承诺时间的优先", "Waits for the balance; promised dates first")),
    Builtin(
        "after_failure",
        Words("接口恢复后清积压，久付款的先确认", "After a failure: old payments are asked first"),
    ),
    Builtin(
        "high_value",
        Words("数码、珠宝：地址电话付款都要对上", "Address, phone and payment must fit"),
    ),
    Builtin("starter", Words("起步策略，照它改成你们自己的", "The starter policy, to make your own from")),
)


def builtin_source(template: str) -> str:
    """Return the text of a template of the program. Raises ``NotThereError``."""
    if template not in {one.id for one in BUILTINS}:
        raise NotThereError
    return files("qingdan").joinpath(f"{_FOLDER}/{template}.yaml").read_text(encoding="utf-8")


def save(
    merchant: int, name: str, source: str, actor: Actor, *, about: str = "", backtest: int | None = None
) -> Template:
    """Keep a policy with what its backtest showed.

    Raises ``FaultyError``, ``NameTakenError``, and ``NotThereError`` for a backtest that was of another policy.
    """
    policy = ready(source).policy
    results = None
    if backtest is not None:
        row = Backtest.objects.filter(merchant_id=merchant, pk=backtest, state=Backtest.State.DONE).first()
        if row is None or policy.hash not in {row.new_hash, row.old_hash}:
            raise NotThereError
        side = "new" if row.new_hash == policy.hash else "old"
        results = {"orders": (row.result or {})["orders"], **(row.result or {})[side]}
    try:
        with transaction.atomic(durable=True):
            made = Template.objects.create(
                merchant_id=merchant,
                name=name,
                note=about,
                source=source,
                hash=policy.hash,
                results=results,
                created_by=actor.name,
            )
            note(merchant, "template_saved", policy.hash, actor, name=name)
    except IntegrityError as error:
        raise NameTakenError(name) from error
    made.refresh_from_db()
    return made


def save_live(merchant: int, name: str, actor: Actor, *, about: str = "") -> Template:
    """Keep the live policy with what its newest backtest showed, if there is one. Raises ``NameTakenError``."""
    live = ensure_live(merchant)
    of_it = Q(new_hash=live.hash) | Q(old_hash=live.hash)
    done = Backtest.objects.filter(of_it, merchant_id=merchant, state=Backtest.State.DONE, result__orders__gt=0)
    newest = done.order_by("-id").values_list("pk", flat=True).first()
    return save(merchant, name, live.source, actor, about=about, backtest=newest)


def get(merchant: int, template_id: int) -> Template:
    """Return one of the merchant's templates. Raises ``NotThereError``."""
    found = Template.objects.filter(merchant_id=merchant, pk=template_id).first()
    if found is None:
        raise NotThereError
    return found


def delete(merchant: int, template_id: int, actor: Actor) -> None:
    """Delete a template."""
    with transaction.atomic(durable=True):
        found = get(merchant, template_id)
        note(merchant, "template_deleted", found.hash, actor, name=found.name)
        found.delete()


def exported(template: Template) -> str:
    """Return a template as one file: the policy, and in the comment at its head what is known of it."""
    form = read_form(template.source)
    head = [template.name, *template.note.splitlines(), *_told(template.results)]
    notes: dict[str, Any] = dict(form["notes"])
    notes["policy"] = "\n".join([*head, *notes.get("policy", "").splitlines()])
    return write_form({**form, "notes": notes})


def _told(results: dict[str, Any] | None) -> list[str]:
    if not results or results["rate"] is None:
        return []
    values = {**results, "bound": results["problem_bound"] if results["problem_bound"] is not None else 1.0}
    return [_RESULTS.text("zh", values)]
