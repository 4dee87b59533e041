import pytest
from django.db import IntegrityError

from qingdan.orders.models import Merchant, Shop

pytestmark = pytest.mark.django_db


def test_a_shop_is_one_of_its_channel() -> None:
    merchant = Merchant.objects.create(name="甲")
    Shop.objects.create(merchant=merchant, channel="taobao", name="旗舰店")
    with pytest.raises(IntegrityError, match="shop_once"):
        Shop.objects.create(merchant=merchant, channel="taobao", name="旗舰店")
