"""Cheaper writing: a digest of what was last said, a plain deadline, and one look a statement at whose a row is."""

from django.db import migrations, models
from django.db.models.functions import Least

# Rows of a bulk write belong to orders that lie close together: those are read in one go, and hashed (NOT IN); else
# each is looked up.
BELONG = """
CREATE OR REPLACE FUNCTION orders_belong() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    lowest bigint;
    highest bigint;
    many bigint;
    stray boolean;
BEGIN
    SELECT min(order_id), max(order_id), count(*) INTO lowest, highest, many FROM fresh;
    IF many > 100 AND highest - lowest < 3 * many THEN
        stray := EXISTS (SELECT FROM fresh WHERE (order_id, merchant_id) NOT IN (
                             SELECT id, merchant_id FROM orders_order WHERE id BETWEEN lowest AND highest));
    ELSE
        stray := EXISTS (SELECT FROM fresh AS f WHERE NOT EXISTS (
                             SELECT FROM orders_order AS o WHERE o.id = f.order_id AND o.merchant_id = f.merchant_id));
    END IF;
    IF stray THEN
        RAISE EXCEPTION '% of no order of the merchant', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""
BELONG_EACH = """
CREATE OR REPLACE FUNCTION orders_belong() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh AS f WHERE NOT EXISTS (
                   SELECT FROM orders_order AS o WHERE o.id = f.order_id AND o.merchant_id = f.merchant_id)) THEN
        RAISE EXCEPTION '% of no order of the merchant', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""
PLAIN = "ALTER TABLE orders_order ALTER COLUMN due_at DROP EXPRESSION"


class Migration(migrations.Migration):
    """A plain column can not be made a generated one again: going back ends before this."""

    dependencies = [("orders", "0004_customer_facts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PLAIN)],
            state_operations=[
                migrations.RemoveField("order", "due_at"),
                migrations.AddField("order", "due_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField("order", "digest", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(due_at__isnull=True, respond_by__isnull=True, resolve_by__isnull=True)
                | models.Q(due_at__isnull=False, due_at=Least("respond_by", "resolve_by"))
                & (models.Q(respond_by__isnull=False) | models.Q(resolve_by__isnull=False)),
                name="order_due_at_nearer",
            ),
        ),
        migrations.RunSQL(BELONG, BELONG_EACH),
    ]
