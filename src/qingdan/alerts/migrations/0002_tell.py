"""Open pages learn of alerts that are raised, answered or closed, by the topic ``alerts`` (see orders 0007)."""

from django.db import migrations

TELL = """
CREATE TRIGGER alerts_tell_new AFTER INSERT ON alerts_alert
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('alerts');
CREATE TRIGGER alerts_tell_change AFTER UPDATE ON alerts_alert
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('alerts');
"""
UNTELL = """
DROP TRIGGER alerts_tell_new ON alerts_alert;
DROP TRIGGER alerts_tell_change ON alerts_alert;
"""


class Migration(migrations.Migration):
    """Triggers, which Django has no words for."""

    dependencies = [("alerts", "0001_initial"), ("orders", "0007_live")]

    operations = [migrations.RunSQL(TELL, UNTELL)]
