import order_frames as frames
import pytest
from django.db import IntegrityError, connection, transaction
from order_store import Store

from qingdan.orders import actions
from qingdan.orders.models import Merchant, Shop

pytestmark = pytest.mark.django_db


def test_a_shop_is_one_of_its_channel() -> None:
    merchant = Merchant.objects.create(name="甲")
    Shop.objects.create(merchant=merchant, channel="taobao", name="旗舰店")
    with pytest.raises(IntegrityError, match="shop_once"):
        Shop.objects.create(merchant=merchant, channel="taobao", name="旗舰店")


def test_lines_and_events_are_of_an_order_of_their_merchant(store: Store) -> None:
    store.record(frames.facts(2))
    stranger = actions.ensure_merchant("别家").pk
    for statement in (
        (
            "INSERT INTO orders_orderline (order_id, line_no, merchant_id, title, spec, gift) "
            "SELECT 999999999, '1', {0}, '', '', false"
        ),
        (
            "INSERT INTO orders_orderline (order_id, line_no, merchant_id, title, spec, gift) "
            "SELECT min(id), '9', {1}, '', '', false FROM orders_order"
        ),
        "UPDATE orders_orderline SET order_id = 999999999 WHERE line_no = '1' AND merchant_id = {0}",
        "DELETE FROM orders_order WHERE merchant_id = {0}",
        "UPDATE orders_order SET shop_id = 999999999 WHERE merchant_id = {0}",
        "UPDATE orders_order SET merchant_id = {1} WHERE merchant_id = {0}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(store.merchant, stranger))
    store.check()
