"""Files for warehouses without an interface, and release lists for orders that only the platform's tool can ship."""

from qingdan.fulfilment.wms.filedrop.drop import FileDrop, ReleaseList

__all__ = ["FileDrop", "ReleaseList"]
