"""Verbs on policies: each is one durable transaction."""

from django.db import transaction

from qingdan.core.policy import load_policy
from qingdan.orders.actors import Actor
from qingdan.orders.models import Merchant
from qingdan.policies.models import PolicyVersion, Publication
from qingdan.policies.queries import live, starter_text

SYSTEM = Actor("system", "starter", "清单")


def publish(merchant: int, text: str, actor: Actor) -> PolicyVersion:
    """Make the policy written in ``text`` (YAML) the live one, keeping it as a version if it is new.

    A text that decides as a known version does is that version. Raises ``core.policy.PolicyError`` for a policy
    with errors; nothing is changed then.
    """
    load_policy(text)
    with transaction.atomic(durable=True):
        return publish_within(merchant, text, actor)


def publish_within(merchant: int, text: str, actor: Actor) -> PolicyVersion:
    """The same as part of the caller's transaction."""
    policy = load_policy(text)
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant)  # one publication at a time
    version, _ = PolicyVersion.objects.get_or_create(
        merchant_id=merchant,
        hash=policy.hash,
        defaults={
            "policy_id": policy.id,
            "title_zh": policy.title.zh,
            "title_en": policy.title.en,
            "source": text,
        },
    )
    current = live(merchant)
    if current is None or current.pk != version.pk:
        Publication.objects.create(
            merchant_id=merchant,
            version=version,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
        )
    return version


def ensure_live(merchant: int) -> PolicyVersion:
    """Return the live version of a merchant; the starter policy is published for one that has none."""
    return live(merchant) or publish(merchant, starter_text(), SYSTEM)
