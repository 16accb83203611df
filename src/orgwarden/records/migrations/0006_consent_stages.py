"""A connection on its way has stages, a time until which it is good, and a next try."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0005_telling")]
    operations = [
        migrations.AddField(
            "consentrequest",
            "stage",
            models.CharField(
                choices=[
                    ("draft", "Not started"),
                    ("away", "At Salesforce"),
                    ("trying", "Being tried"),
                    ("failed", "Failed"),
                    ("answered", "Waiting for a yes"),
                ],
                default="draft",
                max_length=16,
            ),
        ),
        migrations.AddField("consentrequest", "good_until", models.DateTimeField(null=True)),
        migrations.AddField("consentrequest", "due_at", models.DateTimeField(null=True)),
    ]
