from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0010_budget")]

    operations = [
        migrations.AddField("sourcestate", "duplicate", models.BigIntegerField(default=0)),
    ]
