"""Open pages learn that cases, contacts, comments or notices changed, by the topic ``cases`` (see orders 0007)."""

from django.db import migrations

TELL = """
CREATE TRIGGER cases_tell_new AFTER INSERT ON cases_case
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('cases');
CREATE TRIGGER cases_tell_change AFTER UPDATE ON cases_case
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('cases');
CREATE TRIGGER cases_tell_contact AFTER INSERT ON cases_contact
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('cases');
CREATE TRIGGER cases_tell_comment AFTER INSERT ON cases_comment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('cases');

CREATE FUNCTION cases_tell_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('qingdan', told.merchant_id || ':cases')
       FROM (SELECT DISTINCT u.merchant_id FROM changed AS c JOIN people_user AS u ON u.id = c.user_id) AS told;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_tell_notice AFTER INSERT ON cases_notice
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION cases_tell_people();
"""
UNTELL = """
DROP TRIGGER cases_tell_new ON cases_case;
DROP TRIGGER cases_tell_change ON cases_case;
DROP TRIGGER cases_tell_contact ON cases_contact;
DROP TRIGGER cases_tell_comment ON cases_comment;
DROP TRIGGER cases_tell_notice ON cases_notice;
DROP FUNCTION cases_tell_people();
"""


class Migration(migrations.Migration):
    """Triggers, which Django has no words for."""

    dependencies = [("cases", "0001_initial"), ("orders", "0007_live"), ("people", "0002_readmark")]

    operations = [migrations.RunSQL(TELL, UNTELL)]
