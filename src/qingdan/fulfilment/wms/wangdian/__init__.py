"""旺店通 旗舰版: orders are pushed as those of a shop of one's own, shipments are asked for and acknowledged."""

from qingdan.fulfilment.wms.wangdian.calls import WangdianAdapter

__all__ = ["WangdianAdapter"]
