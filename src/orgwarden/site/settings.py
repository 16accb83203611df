"""Django's settings, from the environment. `orgwarden.site.home` says where things lie."""

from __future__ import annotations

from orgwarden.site import home, mail

ORGWARDEN_HOME = home.path()
ORGWARDEN_LAKE_URL = home.lake_url()
ORGWARDEN_KEY_FILE = home.key_file()
ORGWARDEN_PUBLIC_URL = home.public_url()
ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = home.allowed_salesforce_hosts()
ORGWARDEN_PACE = home.pace()
ORGWARDEN_ALLOWED_NOTIFY_HOSTS = mail.allowed_hosts()
ORGWARDEN_METRICS_TOKEN = mail.metrics_token()
_mail_server = mail.server()
EMAIL_HOST, EMAIL_PORT = _mail_server.host, _mail_server.port  # without a host no e-mail is sent
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_server.user, _mail_server.password
EMAIL_USE_TLS = _mail_server.security == "starttls"
EMAIL_USE_SSL = _mail_server.security == "tls"
EMAIL_TIMEOUT = 60
DEFAULT_FROM_EMAIL = SERVER_EMAIL = mail.sender()
SECRET_KEY = home.web_secret()
DEBUG = False
ALLOWED_HOSTS = home.allowed_hosts()
CSRF_TRUSTED_ORIGINS = home.trusted_origins()

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "orgwarden.records",
    "orgwarden.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "orgwarden.web.headers.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "orgwarden.web.access.RuledViewsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "orgwarden.site.urls"
WSGI_APPLICATION = "orgwarden.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": home.database()}
CACHES = {"default": {"BACKEND": "orgwarden.records.shared_cache.SharedCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = ORGWARDEN_PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGGING = home.logging()
