"""Reads about people."""

from django.db.models import Q

from qingdan.people.models import Access, SavedView, User


def views_for(user: User) -> list[SavedView]:
    """Return the person's own views and those that colleagues of the same merchant share, by name."""
    return list(
        SavedView.objects.filter(Q(user=user) | Q(shared=True, user__merchant_id=user.merchant_id))
        .select_related("user")
        .order_by("name", "id")
    )


def accesses_of(order_id: int) -> list[Access]:
    """Return who saw an order's personal data, in order of time."""
    return list(Access.objects.filter(order_id=order_id).select_related("user").order_by("at", "id"))
