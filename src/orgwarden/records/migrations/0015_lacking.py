
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0014_keep_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='sourcestate',
            name='lacking',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='sourcestate',
            name='lacking_at',
            field=models.DateTimeField(null=True),
        ),
    ]
