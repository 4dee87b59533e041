"""奇门: the standard interface between order systems and warehouses in China, XML over HTTP."""

from qingdan.fulfilment.wms.qimen.calls import QimenAdapter
from qingdan.fulfilment.wms.qimen.hearing import QimenListener

__all__ = ["QimenAdapter", "QimenListener"]
