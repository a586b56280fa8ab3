"""Settings of the tests: a data folder of their own, cheap password hashes, plain static files, mail kept in memory."""

import os
import tempfile

os.environ.setdefault("MUNIMENT_DATA", tempfile.mkdtemp(prefix="muniment-test-"))

from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
