"""HTTP of the catalogue."""

from ninja import Router

router = Router(tags=["catalogue"])
