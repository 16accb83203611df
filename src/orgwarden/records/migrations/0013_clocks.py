from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0012_our_jobs")]

    operations = [
        migrations.AddField("org", "clock_ahead", models.IntegerField(default=0)),
    ]
