"""HTTP of the board."""

from django.utils import timezone
from ninja import Router

from qingdan.insight import snapshot
from qingdan.insight.schemas import BoardOut
from qingdan.people.access import Needs, Request
from qingdan.people.rights import Right

router = Router(tags=["board"])


@router.get("", auth=Needs(Right.BOARD_VIEW), response=BoardOut)
def get_board(request: Request) -> BoardOut:
    """Return the board; every number is the total of the orders page under the matching filter."""
    return snapshot.board(request.auth.merchant_id, timezone.now())
