"""Django's settings, read once from the environment or a file `.env` (names: README, "Settings").

Every secret may also be given as `<NAME>_FILE`. Secrets nobody gave are made on first run and kept, mode 0600, in the data folder.
"""

from ipaddress import ip_network
from pathlib import Path

import environ

from portal.keys import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
env = environ.FileAwareEnv()

MUNIMENT_DATA = Path(env("MUNIMENT_DATA", default="") or BASE_DIR / "var").resolve()
MUNIMENT_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
MUNIMENT_ORGANISATION = env("MUNIMENT_ORGANISATION", default="示例公司")
MUNIMENT_BASE_URL = env("MUNIMENT_BASE_URL", default="http://127.0.0.1:8000")
MUNIMENT_MASTER_KEY = env("MUNIMENT_MASTER_KEY", default="") or kept_secret(MUNIMENT_DATA / "keys" / "master", bits=256)
SECRET_KEY = env("MUNIMENT_SECRET_KEY", default="") or kept_secret(MUNIMENT_DATA / "keys" / "secret", bits=512)

# Limits on what is taken in (CAP-2): over one, 413 that names the limit.
MUNIMENT_MAX_FILE_MB = env.int("MUNIMENT_MAX_FILE_MB", default=500)
MUNIMENT_MAX_PAGES = env.int("MUNIMENT_MAX_PAGES", default=2000)
MUNIMENT_MAX_MEGAPIXELS = env.int("MUNIMENT_MAX_MEGAPIXELS", default=300)
MUNIMENT_MAX_UNPACKED_MB = env.int("MUNIMENT_MAX_UNPACKED_MB", default=200)
MUNIMENT_MAX_OPEN_SECONDS = env.int("MUNIMENT_MAX_OPEN_SECONDS", default=60)
MUNIMENT_MAX_OPEN_MB = env.int("MUNIMENT_MAX_OPEN_MB", default=1024)

# Lines above which use is called unusual and shown to the security officer (AUD-3); 0: that rule is off.
MUNIMENT_UNUSUAL_MINUTES = env.int("MUNIMENT_UNUSUAL_MINUTES", default=60)  # the window of records, refusals and reveals
MUNIMENT_UNUSUAL_RECORDS = env.int("MUNIMENT_UNUSUAL_RECORDS", default=100)
MUNIMENT_UNUSUAL_REFUSALS = env.int("MUNIMENT_UNUSUAL_REFUSALS", default=20)
MUNIMENT_UNUSUAL_REVEALS = env.int("MUNIMENT_UNUSUAL_REVEALS", default=20)
MUNIMENT_UNUSUAL_LEAKS = env.int("MUNIMENT_UNUSUAL_LEAKS", default=5)  # reports of one account within a day
MUNIMENT_UNUSUAL_NIGHT_FROM = env.int("MUNIMENT_UNUSUAL_NIGHT_FROM", default=22)  # hours of the portal's zone
MUNIMENT_UNUSUAL_NIGHT_UNTIL = env.int("MUNIMENT_UNUSUAL_NIGHT_UNTIL", default=6)
MUNIMENT_UNUSUAL_NIGHT_RECORDS = env.int("MUNIMENT_UNUSUAL_NIGHT_RECORDS", default=10)
MUNIMENT_UNUSUAL_PLACES_MINUTES = env.int("MUNIMENT_UNUSUAL_PLACES_MINUTES", default=30)  # between two networks

# An empty S3_ENDPOINT_URL means the embedded server (storage/embedded.py), which keeps its address and keys in the data folder.
S3_ENDPOINT_URL = env("S3_ENDPOINT_URL", default="")
S3_ACCESS_KEY = env("S3_ACCESS_KEY", default="")
S3_SECRET_KEY = env("S3_SECRET_KEY", default="")
S3_BUCKET = env("S3_BUCKET", default="muniment")
S3_REGION = env("S3_REGION", default="us-east-1")
SEARCH_URL = env("SEARCH_URL", default="embedded:")

# Reminders, in days (LND-7): before the due day; from one to the next when overdue; overdue until the department head is told too.
MUNIMENT_REMIND_DAYS = env.int("MUNIMENT_REMIND_DAYS", default=1)
MUNIMENT_REMIND_OVERDUE_DAYS = env.int("MUNIMENT_REMIND_OVERDUE_DAYS", default=3)
MUNIMENT_REMIND_HEAD_DAYS = env.int("MUNIMENT_REMIND_HEAD_DAYS", default=7)

DEBUG = env.bool("DEBUG", default=False)
OWN_HOSTS = ["127.0.0.1", "localhost", "[::1]", environ.urlparse(MUNIMENT_BASE_URL).hostname]
ALLOWED_HOSTS = env.list("MUNIMENT_ALLOWED_HOSTS", default=OWN_HOSTS)
MUNIMENT_TRUSTED_PROXIES = [ip_network(name.strip(), strict=False) for name in env.list("MUNIMENT_TRUSTED_PROXIES", default=[])]

INSTALLED_APPS = [
    "portal",
    "portal.accounts",
    "portal.pages",
    "portal.workbench",
    "portal.desk",
    "portal.api",
    "search",
    "retention",
    "records",
    "storage",
    "wagtail.contrib.settings",
    "portal.workbench.users.WorkbenchUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.embeds",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.OriginMiddleware",
    "portal.accounts.middleware.PersonLanguageMiddleware",
    "portal.accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{MUNIMENT_DATA / 'muniment.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,  # seconds a writer waits for another
        "transaction_mode": "IMMEDIATE",
        # recursive_triggers: REPLACE asks the DELETE triggers, too, that keep the trail
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "records.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.DutyBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = MUNIMENT_BASE_URL.startswith("https:")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [MUNIMENT_BASE_URL]
X_FRAME_OPTIONS = "SAMEORIGIN"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = USE_TZ = True
TIME_ZONE = env("MUNIMENT_TIME_ZONE", default="Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = MUNIMENT_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = MUNIMENT_DATA / "media"  # Wagtail wants to have one; nothing is taken into it, and nothing served
MEDIA_URL = "/media/"

# Uploads lie in memory up to 2.5 MB, larger ones in a folder of mode 0700 that `serve` empties at start (docs/architecture.md, decision 8).
FILE_UPLOAD_TEMP_DIR = MUNIMENT_DATA / "spool"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of form fields, files apart
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
if EMAIL_CONFIG.get("EMAIL_FILE_PATH"):  # filemail:///folder is read without its first slash, and would lie wherever one stands
    EMAIL_CONFIG["EMAIL_FILE_PATH"] = "/" + EMAIL_CONFIG["EMAIL_FILE_PATH"].lstrip("/")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20  # seconds until a silent mail server counts as a failure; the mail is tried again
DEFAULT_FROM_EMAIL = env("MUNIMENT_MAIL_FROM", default="muniment@localhost")

WAGTAIL_SITE_NAME = "Muniment"
WAGTAILADMIN_BASE_URL = MUNIMENT_BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False  # portal.accounts does
WAGTAILUSERS_PASSWORD_ENABLED = False  # administrators send mails, never set passwords (SEC-15)
WAGTAILADMIN_LOGIN_URL = "accounts:sign-in"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/sign-in/"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"muniment": {"level": "INFO"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
