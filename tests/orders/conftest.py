from uuid import uuid4

import pytest
from order_store import Store

from qingdan.orders import actions


@pytest.fixture
def store(db: None) -> Store:
    merchant = actions.ensure_merchant(f"商家{uuid4()}").pk
    return Store(merchant, actions.ensure_shops(merchant, [("taobao", "旗舰店"), ("jd", "旗舰店")]))
