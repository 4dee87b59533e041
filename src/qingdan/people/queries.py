"""Reads about people."""

from django.db.models import Q

from qingdan.people.models import SavedView, User


def views_for(user: User) -> list[SavedView]:
    """Return the person's own views and those that colleagues of the same merchant share, by name."""
    return list(
        SavedView.objects.filter(Q(user=user) | Q(shared=True, user__merchant_id=user.merchant_id))
        .select_related("user")
        .order_by("name", "id")
    )
