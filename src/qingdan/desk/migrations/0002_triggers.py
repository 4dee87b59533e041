"""What the desk's tables must hold whoever writes orders: a work log that stays, questions, ended holds."""

from django.db import migrations

KEEP = """
CREATE SEQUENCE desk_token AS bigint;

CREATE FUNCTION desk_keep_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' AND current_setting('qingdan.erase', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the work log is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER desk_keep_log BEFORE UPDATE OR DELETE ON desk_worklog
    FOR EACH ROW EXECUTE FUNCTION desk_keep_log();
CREATE TRIGGER desk_keep_logs BEFORE TRUNCATE ON desk_worklog
    FOR EACH STATEMENT EXECUTE FUNCTION desk_keep_log();
"""
LET_GO = """
DROP TRIGGER desk_keep_log ON desk_worklog;
DROP TRIGGER desk_keep_logs ON desk_worklog;
DROP FUNCTION desk_keep_log();
DROP SEQUENCE desk_token;
"""

# Most updates touch no order that a person decided; those are told by one look at the transition table.
ASK = """
CREATE FUNCTION desk_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stale WHERE hand_decided) THEN
        RETURN NULL;
    END IF;
    WITH changed AS (
        SELECT f.id, f.merchant_id, s.decided_id::bigint AS user_id, s.version AS seen, f.version, f.stage,
               NOT f.hand_decided AND f.stage <> s.stage AND f.stage = 'held' AS reopened
          FROM fresh AS f JOIN stale AS s ON s.id = f.id
         WHERE s.hand_decided AND s.decided_id ~ '^[0-9]{1,18}$'
           AND f.stage IN ('in_review', 'exception', 'held', 'released', 'cancelled')
           AND (f.hand_decided OR f.stage = 'held')
           AND (f.verdict, f.reasons, f.tier, f.refund_state, f.platform_state, f.platform_hold, f.paid_amount,
                f.pay_status, f.payment_match, f.receiver_name, f.receiver_phone, f.province, f.city, f.district,
                f.town, f.address, f.buyer_message, f.seller_memo, f.goods_title, f.item_count)
               IS DISTINCT FROM
               (s.verdict, s.reasons, s.tier, s.refund_state, s.platform_state, s.platform_hold, s.paid_amount,
                s.pay_status, s.payment_match, s.receiver_name, s.receiver_phone, s.province, s.city, s.district,
                s.town, s.address, s.buyer_message, s.seller_memo, s.goods_title, s.item_count)
    ), asked AS (
        INSERT INTO desk_ask AS a (order_id, merchant_id, user_id, seen_version, version, reopened, at)
        SELECT id, merchant_id, user_id, seen, version, reopened, now() FROM changed
        ON CONFLICT (order_id) DO UPDATE
           SET version = excluded.version, reopened = a.reopened OR excluded.reopened, at = now()
        RETURNING a.order_id, a.merchant_id, a.user_id, xmax = 0 AS new
    )
    INSERT INTO desk_notice (merchant_id, user_id, kind, order_id)
    SELECT q.merchant_id, q.user_id, 'asks', q.order_id FROM asked AS q
     WHERE q.new AND EXISTS (SELECT FROM people_user AS u WHERE u.id = q.user_id AND u.merchant_id = q.merchant_id);
    UPDATE desk_hold AS h
       SET ended_at = now(),
           ended_by = CASE WHEN f.hand_decided THEN 'moved' WHEN f.stage <> 'in_review' THEN 'moved'
                           WHEN h.until <= now() THEN 'time' ELSE h.kind END
      FROM fresh AS f JOIN stale AS s ON s.id = f.id
     WHERE h.order_id = f.id AND h.ended_at IS NULL AND s.stage = 'held' AND f.stage <> 'held';
    RETURN NULL;
END $$;

CREATE TRIGGER desk_follow AFTER UPDATE ON orders_order
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION desk_follow();
"""
FORGET = """
DROP TRIGGER desk_follow ON orders_order;
DROP FUNCTION desk_follow();
"""


class Migration(migrations.Migration):
    """Triggers, which Django has no words for."""

    dependencies = [("desk", "0001_initial"), ("orders", "0006_payment_match"), ("people", "0003_teams")]

    operations = [migrations.RunSQL(KEEP, LET_GO), migrations.RunSQL(ASK, FORGET)]
