"""What became of judged orders afterwards: the problems that a rule is held against."""

from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from qingdan.core.message import Words

PROBLEMS: Final[dict[str, Words]] = {
    "refund": Words("退款", "Refund"),
    "return": Words("发货后退款成功", "Refunded after shipping"),
    "complaint": Words("投诉", "Complaint"),
    "address": Words("改地址", "Address changed"),
    "manual_hold": Words("人工拦下", "Stopped by a person"),
}
"""Kinds of problem; the place of one is its bit."""
BIT: Final = {name: 1 << place for place, name in enumerate(PROBLEMS)}

_FACTS: Final = """
SELECT o.id,
       CASE WHEN o.refund_state IN ('requested', 'in_progress', 'success') THEN %(refund)s ELSE 0 END
     | CASE WHEN o.refund_state = 'success' AND o.platform_state IN ('shipped', 'signed') THEN %(return)s ELSE 0 END
     | CASE WHEN o.complaint_warning THEN %(complaint)s ELSE 0 END
     | CASE WHEN o.address_changed THEN %(address)s ELSE 0 END
  FROM orders_order AS o
 WHERE o.merchant_id = %(merchant)s
   AND (o.refund_state IN ('requested', 'in_progress', 'success') OR o.complaint_warning OR o.address_changed)
   AND (%(since)s::timestamptz IS NULL OR o.created_at >= %(since)s)
   AND (%(before)s::timestamptz IS NULL OR o.created_at < %(before)s)
"""
_EVENTS: Final = """
SELECT e.order_id,
       bit_or(CASE WHEN e.kind = 'decided' AND e.actor_kind = 'user' AND e.to_stage IN ('held', 'exception')
                   THEN %(manual_hold)s ELSE 0 END
            | CASE WHEN e.changes ?| ARRAY['address', 'province', 'city', 'district', 'receiver_phone']
                   THEN %(address)s ELSE 0 END)
  FROM orders_orderevent AS e
 WHERE e.merchant_id = %(merchant)s AND e.version > 1 AND e.kind IN ('decided', 'updated')
   AND (e.kind = 'decided' AND e.actor_kind = 'user' AND e.to_stage IN ('held', 'exception')
        OR e.changes ?| ARRAY['address', 'province', 'city', 'district', 'receiver_phone'])
 GROUP BY e.order_id
"""


def known(merchant: int, since: datetime | None, before: datetime | None) -> dict[str, npt.NDArray[np.int64]]:
    """Return the orders with problems: sorted ``ids`` and the ``bits`` of each."""
    values: dict[str, Any] = {**BIT, "merchant": merchant, "since": since, "before": before}
    bits: dict[int, int] = {}
    with connection.cursor() as cursor:
        for query in (_FACTS, _EVENTS):
            cursor.execute(query, values)
            for order, found in cursor.fetchall():
                bits[order] = bits.get(order, 0) | found
    ids = np.array(sorted(bits), np.int64)
    return {"ids": ids, "bits": np.array([bits[i] for i in ids.tolist()], np.int64)}
