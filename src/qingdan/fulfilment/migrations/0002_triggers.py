"""The outbox follows the orders: whoever moves one, its row is written or withdrawn in the same transaction."""

from django.db import migrations

# Counting stages out of the transition tables first keeps the common update, which concerns no push, cheap; the
# pushes are then found by their key and never by a scan.
FOLLOW = """
CREATE FUNCTION fulfilment_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent)
    SELECT id, merchant_id, 'create', 1, coalesce(tier = 'urgent', false) FROM fresh WHERE stage = 'released';
    RETURN NULL;
END $$;

CREATE FUNCTION fulfilment_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[];
    came bigint[];
    stayed bigint[];
    withdrawn bigint[];
BEGIN
    SELECT array_agg(f.id) FILTER (WHERE s.stage = 'released' AND f.stage <> 'released'),
           array_agg(f.id) FILTER (WHERE s.stage <> 'released' AND f.stage = 'released'),
           array_agg(f.id) FILTER (WHERE s.stage = 'released' AND f.stage = 'released'),
           array_agg(f.id) FILTER (WHERE f.stage NOT IN ('released', 'sent', 'shipped') OR f.stage = 'sent' AND (
               f.refund_state IN ('requested', 'in_progress', 'success')
                   AND coalesce(s.refund_state, 'none') NOT IN ('requested', 'in_progress', 'success')
               OR f.address_changed AND NOT s.address_changed))
      INTO gone, came, stayed, withdrawn
      FROM fresh AS f JOIN stale AS s ON s.id = f.id
     WHERE f.stage = 'released' OR s.stage IN ('released', 'sent');

    IF gone IS NOT NULL THEN
        -- nothing of it has left: it stays here
        UPDATE fulfilment_push AS p
           SET state = 'cancelled', reason = 'withdrawn', ended_at = now(), due_at = NULL, lease_until = NULL
         WHERE p.order_id = ANY (gone) AND p.operation = 'create' AND p.state = 'ready';
    END IF;
    IF withdrawn IS NOT NULL THEN
        -- the warehouse has it, or may have it: it is to be stopped there
        INSERT INTO fulfilment_push AS p (order_id, merchant_id, operation, revision, urgent, destination_id)
        SELECT c.order_id, c.merchant_id, 'cancel', c.revision, true, c.destination_id
          FROM fulfilment_push AS c
         WHERE c.order_id = ANY (withdrawn) AND c.operation = 'create' AND c.state IN ('sending', 'unknown', 'done')
           AND NOT EXISTS (SELECT FROM fulfilment_push AS later WHERE later.order_id = c.order_id
                              AND later.operation = 'create' AND later.revision > c.revision)
           AND NOT EXISTS (SELECT FROM fulfilment_push AS live WHERE live.order_id = c.order_id
                              AND live.operation = 'cancel' AND live.state IN ('ready', 'sending', 'unknown'))
        ON CONFLICT (order_id, operation, revision) DO UPDATE
           SET state = 'ready', reason = '', detail = '', ended_at = NULL, lease_until = NULL, due_at = now(),
               tries = 0, asks = 0
         WHERE p.state IN ('cancelled', 'failed');
    END IF;
    IF came IS NOT NULL THEN
        UPDATE fulfilment_push AS p
           SET state = 'cancelled', reason = 'released_again', ended_at = now(), due_at = NULL
         WHERE p.order_id = ANY (came) AND p.operation = 'cancel' AND p.state = 'ready';
        -- released again after it was sent, and not stopped there since: ask the warehouse, do not send a second one
        UPDATE fulfilment_push AS p
           SET state = 'unknown', reason = 'released_again', detail = '', ended_at = NULL, due_at = now(), asks = 0
         WHERE p.order_id = ANY (came) AND p.operation = 'create' AND p.state = 'done'
           AND NOT EXISTS (SELECT FROM fulfilment_push AS later WHERE later.order_id = p.order_id
                              AND later.operation = 'create' AND later.revision > p.revision)
           AND NOT EXISTS (SELECT FROM fulfilment_push AS stop WHERE stop.order_id = p.order_id
                              AND stop.operation = 'cancel' AND stop.revision = p.revision
                              AND stop.state IN ('sending', 'unknown', 'done'));
        INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent)
        SELECT f.id, f.merchant_id, 'create',
               1 + coalesce((SELECT max(p.revision) FROM fulfilment_push AS p
                              WHERE p.order_id = f.id AND p.operation = 'create'), 0),
               coalesce(f.tier = 'urgent', false)
          FROM fresh AS f
         WHERE f.id = ANY (came)
           AND NOT EXISTS (SELECT FROM fulfilment_push AS p WHERE p.order_id = f.id AND p.operation = 'create'
                              AND p.state IN ('ready', 'sending', 'unknown'));
    END IF;
    IF stayed IS NOT NULL THEN
        -- its facts changed before it left: it is routed and weighed anew
        UPDATE fulfilment_push AS p
           SET destination_id = NULL, urgent = coalesce(f.tier = 'urgent', false)
          FROM fresh AS f
         WHERE p.order_id = ANY (stayed) AND p.operation = 'create' AND p.state = 'ready' AND f.id = p.order_id
           AND (p.destination_id IS NOT NULL OR p.urgent <> coalesce(f.tier = 'urgent', false));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER fulfilment_release AFTER INSERT ON orders_order
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION fulfilment_release();
CREATE TRIGGER fulfilment_follow AFTER UPDATE ON orders_order
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION fulfilment_follow();

-- orders released before there was a way out
INSERT INTO fulfilment_push (order_id, merchant_id, operation, revision, urgent)
SELECT id, merchant_id, 'create', 1, coalesce(tier = 'urgent', false) FROM orders_order WHERE stage = 'released';
"""
LEAVE = """
DROP TRIGGER fulfilment_release ON orders_order;
DROP TRIGGER fulfilment_follow ON orders_order;
DROP FUNCTION fulfilment_release();
DROP FUNCTION fulfilment_follow();
"""


class Migration(migrations.Migration):
    """Triggers, which Django has no words for."""

    dependencies = [("fulfilment", "0001_initial"), ("orders", "0002_triggers")]

    operations = [migrations.RunSQL(FOLLOW, LEAVE)]
