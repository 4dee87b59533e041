"""A platform is one folder: with nothing but its mapping the house reads, names and judges its orders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import qingdan

MAPPING = """
channel: corner
name: {zh: 街角小店, en: Corner shop}
place: 95
label: 街角小店
tables:
  - kind: order
    name: 订单表
    rows: order
    signature:
      - [街角单号, 街角状态]
    columns:
      order_no: 街角单号
      status: 街角状态
      paid_amount: 实付
words:
  states: {等着发: waiting}
"""
FILE = "街角单号,街角状态,实付\nC0001,等着发,12.50\nC0002,打包ing,8.00\n"
PROBE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from qingdan.core.fields import FIELDS
from qingdan.core.policy import compile_policy, load_policy
from qingdan.data.policies import starter_text
from qingdan.intake.decide import decide_files
text = starter_text().replace("实付金额 > 5000元", "平台 = 街角小店 或 实付金额 > 5000元")
moment = datetime(2026, 11, 12, tzinfo=UTC)
policy = compile_policy(load_policy(text))
done = decide_files([Path(sys.argv[1])], policy, shop=None, as_of=moment, zone="Asia/Shanghai")
orders = done.orders.select("channel", "shop", "order_no", "platform_state", "paid_amount", "stage").to_dicts()
print(json.dumps({"orders": orders, "last": FIELDS["channel"].value_ids[-2:]}))
"""


def test_a_folder_is_all_that_a_platform_needs(tmp_path: Path) -> None:
    source, copy = Path(qingdan.__file__).parent, tmp_path / "house" / "qingdan"
    (copy / "channels" / "corner").mkdir(parents=True)
    for entry in (*source.iterdir(), *(source / "channels").iterdir()):
        place = copy / entry.relative_to(source)
        if not place.exists():
            place.symlink_to(entry, target_is_directory=entry.is_dir())
    (copy / "channels" / "corner" / "__init__.py").touch()
    (copy / "channels" / "corner" / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "街角.csv"
    file.write_text(FILE, encoding="utf-8")

    environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(file)], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["last"] == ["corner", "other"]
    known, strange = told["orders"]
    assert (known["channel"], known["shop"], known["order_no"]) == ("corner", "街角小店", "C0001")
    assert (known["platform_state"], known["paid_amount"]) == ("waiting", 1250)
    assert (strange["platform_state"], strange["stage"]) == (None, "held")
