"""The one router of the room; each module of this package adds its operations."""

from typing import Final

from ninja import Router

router: Final = Router(tags=["cases"])
