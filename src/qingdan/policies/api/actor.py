"""Who acts."""

from qingdan.orders.actors import Actor
from qingdan.people.access import Request


def actor_of(request: Request) -> Actor:
    """Return the person behind a request."""
    return Actor("user", str(request.auth.id), request.auth.name)
