"""What a person releases stays here for eight seconds, so that she can take it back before it leaves.

Only the moment from which a new push may go changes: ``fulfilment_follow`` of migration 0002 is replaced with its last
INSERT naming it. What policies release leaves at once, as before.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("qingdan.fulfilment.migrations.0002_triggers").FOLLOW
_FUNCTION = BEFORE[BEFORE.index("CREATE FUNCTION fulfilment_follow()") : BEFORE.index("CREATE TRIGGER fulfilment_release")]
_OLD = "CREATE FUNCTION fulfilment_follow()"
_INSERT = """        INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent)
        SELECT f.id, f.merchant_id, 'create',
               1 + coalesce((SELECT max(p.revision) FROM fulfilment_push AS p
                              WHERE p.order_id = f.id AND p.operation = 'create'), 0),
               coalesce(f.tier = 'urgent', false)
"""
_RECALLABLE = """        INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent, due_at)
        SELECT f.id, f.merchant_id, 'create',
               1 + coalesce((SELECT max(p.revision) FROM fulfilment_push AS p
                              WHERE p.order_id = f.id AND p.operation = 'create'), 0),
               coalesce(f.tier = 'urgent', false),
               now() + CASE WHEN f.hand_decided THEN interval '8 seconds' ELSE interval '0' END
"""
AGAIN = _FUNCTION.replace(_OLD, "CREATE OR REPLACE FUNCTION fulfilment_follow()")
RECALL = AGAIN.replace(_INSERT, _RECALLABLE)
assert _RECALLABLE in RECALL  # noqa: S101 - a migration that changes nothing would be worse than one that fails


class Migration(migrations.Migration):
    """A trigger's function, which Django has no words for."""

    dependencies = [("fulfilment", "0005_polling")]

    operations = [migrations.RunSQL(RECALL, AGAIN)]
