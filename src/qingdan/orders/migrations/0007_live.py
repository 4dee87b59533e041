"""What the live board counts: reasons of the orders that wait, what came and went by the minute, promises to buyers."""

from django.db import migrations, models

# One function for all three counters, as each statement's rows are in memory once.
COUNT = """
CREATE OR REPLACE FUNCTION orders_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               count(*), coalesce(sum(paid_amount), 0)
          FROM fresh GROUP BY 1, 2, 3, 4, 5, 6;
        INSERT INTO orders_reasoncounter (merchant_id, reason, n)
        SELECT merchant_id, reason, count(*) FROM fresh, unnest(reasons) AS reason
         WHERE stage IN ('in_review', 'exception', 'held') GROUP BY 1, 2;
        INSERT INTO orders_flow (merchant_id, at, came, went)
        SELECT merchant_id, date_trunc('minute', now()), count(*), count(*) FILTER (WHERE stage = 'released')
          FROM fresh WHERE stage IN ('in_review', 'exception', 'held', 'released') GROUP BY 1;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               -count(*), -coalesce(sum(paid_amount), 0)
          FROM stale GROUP BY 1, 2, 3, 4, 5, 6;
        INSERT INTO orders_reasoncounter (merchant_id, reason, n)
        SELECT merchant_id, reason, -count(*) FROM stale, unnest(reasons) AS reason
         WHERE stage IN ('in_review', 'exception', 'held') GROUP BY 1, 2;
    ELSE
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               sum(sign), coalesce(sum(sign * paid_amount), 0)
          FROM (SELECT merchant_id, shop_id, channel, province, stage, tier, paid_amount, 1 AS sign FROM fresh
                UNION ALL
                SELECT merchant_id, shop_id, channel, province, stage, tier, paid_amount, -1 FROM stale) AS moved
         GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(sign) <> 0 OR coalesce(sum(sign * paid_amount), 0) <> 0;
        INSERT INTO orders_reasoncounter (merchant_id, reason, n)
        SELECT merchant_id, reason, sum(sign)
          FROM (SELECT merchant_id, reasons, 1 AS sign FROM fresh WHERE stage IN ('in_review', 'exception', 'held')
                UNION ALL
                SELECT merchant_id, reasons, -1 FROM stale WHERE stage IN ('in_review', 'exception', 'held')) AS moved,
               unnest(reasons) AS reason
         GROUP BY 1, 2 HAVING sum(sign) <> 0;
        INSERT INTO orders_flow (merchant_id, at, came, went)
        SELECT merchant_id, date_trunc('minute', now()), count(*) FILTER (WHERE came), count(*) FILTER (WHERE went)
          FROM (SELECT f.merchant_id,
                       s.stage NOT IN ('in_review', 'exception', 'held') AND f.stage IN ('in_review', 'exception', 'held')
                           OR s.stage = 'unpaid' AND f.stage = 'released' AS came,
                       s.stage IN ('in_review', 'exception', 'held')
                           AND f.stage NOT IN ('in_review', 'exception', 'held')
                           OR s.stage = 'unpaid' AND f.stage = 'released' AS went
                  FROM fresh AS f JOIN stale AS s ON s.id = f.id WHERE f.stage <> s.stage) AS moved
         WHERE came OR went GROUP BY 1;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION orders_uncount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM orders_counter;
    DELETE FROM orders_reasoncounter;
    DELETE FROM orders_flow;
    RETURN NULL;
END $$;

INSERT INTO orders_reasoncounter (merchant_id, reason, n)
SELECT merchant_id, reason, count(*) FROM orders_order, unnest(reasons) AS reason
 WHERE stage IN ('in_review', 'exception', 'held') GROUP BY 1, 2;
"""

# Open pages learn that something of theirs changed: the argument names the topic, the merchant comes with the rows.
# Equal notices of one transaction are told once.
TELL = """
CREATE FUNCTION qingdan_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('qingdan', merchant_id || ':' || TG_ARGV[0])
       FROM (SELECT DISTINCT merchant_id FROM changed) AS told;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_tell AFTER INSERT ON orders_counter
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('orders');
CREATE TRIGGER orders_tell_event AFTER INSERT ON orders_orderevent
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('orders');
"""
UNTELL = """
DROP TRIGGER orders_tell ON orders_counter;
DROP TRIGGER orders_tell_event ON orders_orderevent;
DROP FUNCTION qingdan_tell();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_payment_match")]

    operations = [
        migrations.CreateModel(
            name="Flow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("merchant_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("came", models.BigIntegerField()),
                ("went", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ReasonCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("merchant_id", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("stage__in", ("exception", "held", "in_review", "released", "sent"))),
                fields=["merchant", "ship_by_effective"],
                name="order_ship_by",
            ),
        ),
        migrations.AddIndex(
            model_name="flow", index=models.Index(fields=["merchant_id", "at"], name="flow_merchant")
        ),
        migrations.AddIndex(
            model_name="reasoncounter", index=models.Index(fields=["merchant_id"], name="reason_counter_merchant")
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(TELL, UNTELL),
    ]
