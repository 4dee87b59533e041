"""Secrets of destinations at rest."""

from qingdan.web.sealing import SealBrokenError, seal, unseal

__all__ = ["SealBrokenError", "seal", "unseal"]
