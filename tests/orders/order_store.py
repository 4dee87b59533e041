import datetime as dt
from dataclasses import dataclass

import order_frames as frames
from django.db import connection

from qingdan.orders import actions
from qingdan.orders.actors import Actor
from qingdan.orders.ledger import Recorded


@dataclass
class Store:
    """One merchant's part of the store, with the shops of its frames."""

    merchant: int
    shops: dict[tuple[str, str], int]
    policy: str = frames.POLICY

    def record(
        self, facts: list[dict[str, object]], *, as_of: dt.datetime = frames.AS_OF, import_id: int = 1
    ) -> Recorded:
        orders = frames.frame(facts, as_of)
        return actions.record(
            orders,
            frames.lines(orders),
            merchant=self.merchant,
            shops=self.shops,
            import_id=import_id,
            policy_hash=self.policy,
            as_of=as_of,
            actor=Actor("import", str(import_id), "导入"),
            holds=frames.HOLDS,
        )

    def rows(self, statement: str, *params: object) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.merchant, *params])
            return cursor.fetchall()

    def order(self, order_no: object) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM orders_order WHERE merchant_id = %s AND order_no = %s", [self.merchant, order_no]
            )
            return dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True))

    def check(self) -> None:
        """What must hold after anything: counters equal a recount, and events are the versions."""
        recount = self.rows(
            "SELECT shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''), count(*), "
            "coalesce(sum(paid_amount), 0) FROM orders_order WHERE merchant_id = %s GROUP BY 1, 2, 3, 4, 5"
        )
        counted = self.rows(
            "SELECT shop_id, channel, province, stage, tier, sum(n)::bigint, sum(amount) FROM orders_counter "
            "WHERE merchant_id = %s GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(amount) <> 0"
        )
        assert sorted(map(str, counted)) == sorted(map(str, recount))
        waiting = "FROM orders_order{} WHERE merchant_id = %s AND stage IN ('in_review', 'exception', 'held')"
        reasons = self.rows(f"SELECT reason, count(*) {waiting.format(', unnest(reasons) AS reason')} GROUP BY 1")
        counted = self.rows(
            "SELECT reason, sum(n)::bigint FROM orders_reasoncounter WHERE merchant_id = %s GROUP BY 1 "
            "HAVING sum(n) <> 0"
        )
        assert sorted(counted) == sorted(reasons)
        flow = "SELECT coalesce(sum(came) - sum(went), 0)::bigint FROM orders_flow WHERE merchant_id = %s"
        assert self.rows(flow) == self.rows(f"SELECT count(*) {waiting.format('')}")
        assert not self.rows(
            "SELECT o.id, o.version, e.versions, e.stages, o.stage FROM orders_order o LEFT JOIN ("
            " SELECT order_id, array_agg(version ORDER BY version) AS versions,"
            " array_agg(to_stage ORDER BY version) AS stages,"
            " array_agg(from_stage ORDER BY version) AS sources FROM orders_orderevent GROUP BY 1"
            ") e ON e.order_id = o.id WHERE o.merchant_id = %s AND ("
            " e.versions IS DISTINCT FROM array(SELECT generate_series(1, o.version))"
            " OR e.stages[o.version] IS DISTINCT FROM o.stage"
            " OR e.sources[2:] IS DISTINCT FROM e.stages[:o.version - 1])"
        )
