"""Platform rules for late shipment as dated, editable data: true deadlines, penalties, the latest safe release.

``load_pack`` reads a file, ``terms`` works out a frame of orders, ``terms_one`` one order; both give the same figures.
"""

from qingdan.core.shiprules.evaluate import Schedule, terms
from qingdan.core.shiprules.load import PackError, load_pack
from qingdan.core.shiprules.model import Band, Event, Exemption, Leads, Pack, Rule, Step
from qingdan.core.shiprules.one import OrderTerms, terms_one
from qingdan.core.shiprules.schema import pack_schema

__all__ = [
    "Band",
    "Event",
    "Exemption",
    "Leads",
    "OrderTerms",
    "Pack",
    "PackError",
    "Rule",
    "Schedule",
    "Step",
    "load_pack",
    "pack_schema",
    "terms",
    "terms_one",
]
