"""A source can be off; tenants from before the opt-in tiers keep what they collected."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def opt_in(apps: Any, _: Any) -> None:
    """Sign-ins of all users were collected from every tenant there was."""
    apps.get_model("records", "Org").objects.filter(tiers=[]).update(tiers=["sign_ins"])


class Migration(migrations.Migration):
    dependencies = [("records", "0006_consent_stages")]
    operations = [
        migrations.AlterField(
            model_name="sourcestate",
            name="state",
            field=models.CharField(
                choices=[
                    ("never", "Not yet collected"),
                    ("running", "Collecting"),
                    ("current", "Up to date"),
                    ("waiting", "Waiting"),
                    ("dark", "Dark"),
                    ("failing", "Failing"),
                    ("off", "Off"),
                ],
                default="never",
                max_length=16,
            ),
        ),
        migrations.RunPython(opt_in, migrations.RunPython.noop),
    ]
