"""Open pages learn that orders changed hands or that the desk has something to say, by the topic ``desk``.

A lease that is renewed tells nobody: nothing on a page changes by it.
"""

from django.db import migrations

TELL = """
CREATE TRIGGER desk_tell_lease AFTER INSERT ON desk_lease
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('desk');
CREATE TRIGGER desk_tell_return AFTER DELETE ON desk_lease
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('desk');
CREATE TRIGGER desk_tell_notice AFTER INSERT ON desk_notice
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION qingdan_tell('desk');
"""
UNTELL = """
DROP TRIGGER desk_tell_lease ON desk_lease;
DROP TRIGGER desk_tell_return ON desk_lease;
DROP TRIGGER desk_tell_notice ON desk_notice;
"""


class Migration(migrations.Migration):
    """Triggers, which Django has no words for."""

    dependencies = [("desk", "0002_triggers"), ("orders", "0007_live")]

    operations = [migrations.RunSQL(TELL, UNTELL)]
