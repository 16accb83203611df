"""Django's settings, from the environment. `orgwarden.site.home` says where things lie."""

from __future__ import annotations

from orgwarden.site import connecting, doors, home, mail, store

ORGWARDEN_HOME = home.path()
ORGWARDEN_LAKE_URL = home.lake_url()
ORGWARDEN_LAKE_STORE = store.store()
ORGWARDEN_KEY_FILE = home.key_file()
ORGWARDEN_PUBLIC_URL = home.public_url()
ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = home.allowed_salesforce_hosts()
ORGWARDEN_PACE = home.pace()
ORGWARDEN_LEAST_FREE = home.least_free()
ORGWARDEN_EGRESS_ADDRESSES = connecting.egress_addresses()
ORGWARDEN_SECRET_REFERENCES = connecting.secret_references()
ORGWARDEN_QUICK_CONSUMER_KEY = connecting.quick_consumer_key()
ORGWARDEN_ALLOWED_NOTIFY_HOSTS = mail.allowed_hosts()
ORGWARDEN_METRICS_TOKEN = doors.metrics_token()
_mail_server = mail.server()
EMAIL_HOST, EMAIL_PORT = _mail_server.host, _mail_server.port  # without a host no e-mail is sent
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_server.user, _mail_server.password
EMAIL_USE_TLS = _mail_server.security == "starttls"
EMAIL_USE_SSL = _mail_server.security == "tls"
EMAIL_TIMEOUT = 60
DEFAULT_FROM_EMAIL = SERVER_EMAIL = mail.sender()
ORGWARDEN_REQUIRE_SECOND_FACTOR = doors.require_second_factor(ORGWARDEN_PUBLIC_URL)
ORGWARDEN_IDLE = doors.minutes("ORGWARDEN_IDLE_MINUTES", 30, 12 * 60)
ORGWARDEN_SESSION = doors.minutes("ORGWARDEN_SESSION_MINUTES", 12 * 60, 7 * 24 * 60)
ORGWARDEN_FRESH = doors.minutes("ORGWARDEN_FRESH_MINUTES", 10, 12 * 60)
ORGWARDEN_TRUSTED_PROXIES = doors.trusted_proxies()
ORGWARDEN_OIDC_DOMAINS = doors.oidc_domains()
ORGWARDEN_OIDC_ROLE = doors.oidc_role()
ORGWARDEN_OIDC_FORM_HOSTS = doors.oidc_hosts()
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
    "orgwarden.web",  # before allauth: its pages are ours
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
]
MIDDLEWARE = [
    "orgwarden.web.proxies.TrustedProxiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "orgwarden.web.headers.SecurityHeadersMiddleware",
    "orgwarden.web.headers.RefusedMethodMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "orgwarden.web.sessions.SessionLimitsMiddleware",
    "orgwarden.web.sessions.SignInFirstMiddleware",
    "orgwarden.web.access.RuledViewsMiddleware",
    "orgwarden.web.sessions.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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
# allauth: sign-in by password, second factor, passkey, single sign-on. Nobody signs up.
ACCOUNT_ADAPTER = "orgwarden.web.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(ORGWARDEN_FRESH.total_seconds())
MFA_ADAPTER = "orgwarden.web.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "orgwarden.web.adapters.CodeForm",
    "reauthenticate": "orgwarden.web.adapters.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Orgwarden"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = doors.local_only(ORGWARDEN_PUBLIC_URL)
SOCIALACCOUNT_ADAPTER = "orgwarden.web.adapters.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = doors.single_sign_on()
if SOCIALACCOUNT_PROVIDERS:  # what it brings along takes long to load
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(ORGWARDEN_SESSION.total_seconds())
SESSION_COOKIE_SECURE = ORGWARDEN_PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
if SESSION_COOKIE_SECURE:
    # The prefix makes browsers refuse a cookie of that name from another host or over http.
    SESSION_COOKIE_NAME = "__Host-orgwarden"
    CSRF_COOKIE_NAME = "__Host-orgwarden-form"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
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
