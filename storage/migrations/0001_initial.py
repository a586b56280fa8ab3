import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('wrapped', models.BinaryField(null=True)),
                ('master_id', models.CharField(max_length=16)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('destroyed_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at__isnull', True), ('wrapped__isnull', False)), models.Q(('destroyed_at__isnull', False), ('wrapped__isnull', True)), _connector='OR'), name='datakey_wrapped_until_destroyed')],
            },
        ),
        migrations.CreateModel(
            name='StoredObject',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=64, unique=True)),
                ('associated', models.CharField(max_length=200)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('sealed_size', models.BigIntegerField()),
                ('sealed_sha256', models.CharField(max_length=64)),
                ('sealed_head', models.BinaryField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('state', models.CharField(choices=[('stored', 'Stored'), ('erasing', 'Erasing'), ('erased', 'Erased')], default='stored', max_length=8)),
                ('data_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objects_sealed', to='storage.datakey')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'created_at'], name='storedobject_state_created')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['stored', 'erasing', 'erased'])), name='storedobject_state_known'), models.CheckConstraint(condition=models.Q(('sealed_size__gt', models.F('size')), ('size__gte', 0)), name='storedobject_sizes')],
            },
        ),
    ]
