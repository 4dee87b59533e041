"""旺店通 企业版: the same ERP family over forms; shipments are asked for and acknowledged."""

from qingdan.fulfilment.wms.wangdian_enterprise.calls import WangdianEnterpriseAdapter

__all__ = ["WangdianEnterpriseAdapter"]
