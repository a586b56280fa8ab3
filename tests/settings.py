"""Settings of the tests: a data folder for each process, cheap password hashes, plain static files, mail kept in memory."""

import atexit
import os
import shutil
import tempfile

if "MUNIMENT_DATA" not in os.environ:
    os.environ["MUNIMENT_DATA"] = tempfile.mkdtemp(prefix="muniment-test-")
    atexit.register(shutil.rmtree, os.environ["MUNIMENT_DATA"], ignore_errors=True)
# Each worker of a run has a folder inside the run's own; a worker's children share the worker's.
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if worker and not os.environ["MUNIMENT_DATA"].endswith(f"/{worker}"):
    os.environ["MUNIMENT_DATA"] += f"/{worker}"

from portal.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405 - whitenoise warns of a missing one
