"""What the tables must hold whoever writes: counters that follow orders, events that stay, shops of one's own."""

from django.db import migrations

COUNT = """
CREATE FUNCTION orders_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               count(*), coalesce(sum(paid_amount), 0)
          FROM fresh GROUP BY 1, 2, 3, 4, 5, 6;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               -count(*), -coalesce(sum(paid_amount), 0)
          FROM stale GROUP BY 1, 2, 3, 4, 5, 6;
    ELSE
        INSERT INTO orders_counter (merchant_id, shop_id, channel, province, stage, tier, n, amount)
        SELECT merchant_id, shop_id, channel, coalesce(province, ''), stage, coalesce(tier, ''),
               sum(sign), coalesce(sum(sign * paid_amount), 0)
          FROM (SELECT merchant_id, shop_id, channel, province, stage, tier, paid_amount, 1 AS sign FROM fresh
                UNION ALL
                SELECT merchant_id, shop_id, channel, province, stage, tier, paid_amount, -1 FROM stale) AS moved
         GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(sign) <> 0 OR coalesce(sum(sign * paid_amount), 0) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_uncount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM orders_counter;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_count_insert AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION orders_count();
CREATE TRIGGER orders_count_update AFTER UPDATE ON orders_order
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION orders_count();
CREATE TRIGGER orders_count_delete AFTER DELETE ON orders_order
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION orders_count();
CREATE TRIGGER orders_count_truncate AFTER TRUNCATE ON orders_order
    FOR EACH STATEMENT EXECUTE FUNCTION orders_uncount();
"""
UNCOUNT = """
DROP TRIGGER orders_count_insert ON orders_order;
DROP TRIGGER orders_count_update ON orders_order;
DROP TRIGGER orders_count_delete ON orders_order;
DROP TRIGGER orders_count_truncate ON orders_order;
DROP FUNCTION orders_count();
DROP FUNCTION orders_uncount();
"""

# Erasing what the law says must go is a deliberate act: SET LOCAL qingdan.erase = 'on' within its transaction.
KEEP = """
CREATE FUNCTION orders_keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' AND current_setting('qingdan.erase', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'order events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER orders_keep_event BEFORE UPDATE OR DELETE ON orders_orderevent
    FOR EACH ROW EXECUTE FUNCTION orders_keep_event();
CREATE TRIGGER orders_keep_events BEFORE TRUNCATE ON orders_orderevent
    FOR EACH STATEMENT EXECUTE FUNCTION orders_keep_event();
"""
LET_GO = """
DROP TRIGGER orders_keep_event ON orders_orderevent;
DROP TRIGGER orders_keep_events ON orders_orderevent;
DROP FUNCTION orders_keep_event();
"""

# Each change of an order writes a counter of its merchant and shop, so the key of the counters is the orders' too, and
# is looked up once a group instead of once an order.
SHOPS = """
ALTER TABLE orders_counter ADD CONSTRAINT counter_shop_of_merchant
    FOREIGN KEY (merchant_id, shop_id) REFERENCES orders_shop (merchant_id, id);
"""
NO_SHOPS = "ALTER TABLE orders_counter DROP CONSTRAINT counter_shop_of_merchant"

# Foreign keys of lines and events, by statement: who writes them holds a lock on the order, or has just made it.
BELONG = """
CREATE FUNCTION orders_belong() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh AS f WHERE NOT EXISTS (
                   SELECT FROM orders_order AS o WHERE o.id = f.order_id AND o.merchant_id = f.merchant_id)) THEN
        RAISE EXCEPTION '% of no order of the merchant', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_not_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM stale AS s JOIN orders_orderline AS l ON l.order_id = s.id)
       OR EXISTS (SELECT FROM stale AS s JOIN orders_orderevent AS e ON e.order_id = s.id) THEN
        RAISE EXCEPTION 'an order still has lines or events' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_line_belongs AFTER INSERT ON orders_orderline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION orders_belong();
CREATE TRIGGER orders_line_still_belongs AFTER UPDATE ON orders_orderline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION orders_belong();
CREATE TRIGGER orders_event_belongs AFTER INSERT ON orders_orderevent
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION orders_belong();
CREATE TRIGGER orders_not_alone AFTER DELETE ON orders_order
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION orders_not_alone();
"""
RELEASE = """
DROP TRIGGER orders_line_belongs ON orders_orderline;
DROP TRIGGER orders_line_still_belongs ON orders_orderline;
DROP TRIGGER orders_event_belongs ON orders_orderevent;
DROP TRIGGER orders_not_alone ON orders_order;
DROP FUNCTION orders_belong();
DROP FUNCTION orders_not_alone();
"""


# An import takes its ids in blocks; what a session does not use is lost, which harms nobody.
IDS = "ALTER SEQUENCE orders_order_id_seq CACHE 256"


class Migration(migrations.Migration):
    """Triggers and the composite foreign key, which Django has no words for."""

    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.RunSQL(COUNT, UNCOUNT),
        migrations.RunSQL(KEEP, LET_GO),
        migrations.RunSQL(SHOPS, NO_SHOPS),
        migrations.RunSQL(BELONG, RELEASE),
        migrations.RunSQL(IDS, "ALTER SEQUENCE orders_order_id_seq CACHE 1"),
    ]
