"""聚水潭: orders are uploaded to a shop of the ERP's, shipments are read by the time they changed."""

from qingdan.fulfilment.wms.jushuitan.calls import JushuitanAdapter

__all__ = ["JushuitanAdapter"]
