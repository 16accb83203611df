"""A tenant that has succeeded before is ready already: nobody gets a message about it now."""

from django.db import migrations
from django.db.models import F


def ready(apps, _):
    org = apps.get_model("records", "Org")
    org.objects.filter(ready_at=None).exclude(last_synced_at=None).update(
        ready_at=F("last_synced_at")
    )


class Migration(migrations.Migration):
    dependencies = [("records", "0008_shared_values")]
    operations = [migrations.RunPython(ready, migrations.RunPython.noop)]
