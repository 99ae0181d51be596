"""What each environment variable means, as the README's reference says it too, and the unit of its number."""

from adminara.marking import marked as _

MEANINGS = {
    "ADMINARA_ENV": ("", _("production turns on secure cookies, HTTPS redirects and HSTS, and closes /metrics")),
    "ADMINARA_DATA_DIR": ("", _("folder of the databases, the signing key and the shared metrics")),
    "ADMINARA_HOST": ("", _("address that the web server listens on")),
    "ADMINARA_PORT": ("", _("port that the web server listens on")),
    "DATABASE_URL": (
        "",
        _(
            "a PostgreSQL database for everything, postgresql://user:password@host:port/name; without it SQLite "
            "in the data folder"
        ),
    ),
    "REDIS_URL": (
        "",
        _(
            "a Redis (or Valkey) that web processes tell each other news by, and count joins and logins in, "
            "redis://user:password@host:port/0; without it there may be one web process"
        ),
    ),
    "WEB_PROCESSES": ("", _("web processes that manage.py serve runs; more than one need REDIS_URL")),
    "SECRET_KEY": ("", _("signs links, sessions and jobs")),
    "DEBUG": ("", _("Django's debug pages; never where others can reach them")),
    "ALLOWED_HOSTS": ("", _("host names the site answers to")),
    "CSRF_TRUSTED_ORIGINS": ("", _("origins such as https://desk.example.org behind a proxy")),
    "TRUSTED_PROXIES": ("", _("how many proxies in front are trusted for X-Forwarded-For and -Proto")),
    "LANGUAGE_CODE": ("", _("language for those whose browser asks for neither: en or tr")),
    "TIME_ZONE": ("", _("zone of schedules and pages")),
    "LOG_LEVEL": ("", _("level of the log on standard error")),
    "LOGIN_HOURS": ("hours", _("hours until a login ends")),
    "LOGIN_ATTEMPTS_PER_MINUTE": ("", _("logins tried from one address before it is asked to wait")),
    "EMAIL_HOST": ("", _("SMTP server for notices; without one they are printed")),
    "EMAIL_PORT": ("", _("port of the SMTP server")),
    "EMAIL_HOST_USER": ("", _("user at the SMTP server")),
    "EMAIL_HOST_PASSWORD": ("", _("password at the SMTP server")),
    "EMAIL_USE_TLS": ("", _("whether to use STARTTLS")),
    "DEFAULT_FROM_EMAIL": ("", _("sender of notices")),
    "DESK_GONE_AFTER": (
        "s",
        _(
            "seconds without a heartbeat after which a customer counts as gone: 15 in which a line may be silent,"
            " and 20 to reload or come back"
        ),
    ),
    "DESK_ANSWER_WITHIN": (
        "s",
        _(
            "seconds in which the page of a customer who was taken must connect, else they are next in the queue "
            "again; four times as long once it asks for camera and microphone"
        ),
    ),
    "DESK_JOINS_PER_MINUTE": ("", _("joins from one address before it is asked to wait")),
    "DESK_HOURS": (
        "",
        _(
            "when the desk takes customers, in TIME_ZONE: mon-fri 09:00-17:00, sat 10:00-14:00; a range that ends"
            " before it begins, fri 22:00-02:00, ends on the next day. While it is closed, the start page says "
            "when it opens and takes messages"
        ),
    ),
    "DESK_QUEUE_MOST": (
        "",
        _("customers who may wait at once; who comes then is asked to leave a message or to come again; 0 is no limit"),
    ),
    "DESK_CALLBACK_DAYS": ("days", _("days after which a message that nobody answered expires")),
    "DESK_SESSION_HOURS": ("hours", _("hours after which a session that nobody ended expires")),
    "DESK_SOCKETS": (
        "",
        _("open pages that one web process is connected to at most; it needs as many file descriptors and more"),
    ),
    "DESK_SOCKETS_PER_ADDRESS": (
        "",
        _(
            "open pages of one address, or of one IPv6 network of 64 bits, at most: raise it where many customers"
            " share one"
        ),
    ),
    "DESK_SERVICE_TARGET_S": (
        "s",
        _("seconds within which a customer should be answered: the target of the service level"),
    ),
    "DESK_SERVICE_LEVEL": (
        "",
        _(
            "the objective: the share of customers to be answered within DESK_SERVICE_TARGET_S; the overview and "
            "the board say so when it is missed"
        ),
    ),
    "DESK_ABANDON_MOST": ("", _("the share of customers who may give up unanswered before the overview says so")),
    "DESK_SHORT_ABANDON_S": ("s", _("customers who leave within so many seconds count as not offered")),
    "DESK_SELFTEST_URL": ("", _("where desk_selftest finds the desk; behind a proxy its public address")),
    "DESK_WRAP_UP_S": (
        "s",
        _("seconds of wrap-up after a call, for the note, before who served it is available again by itself; 0: none"),
    ),
    "DESK_KEEP_QUALITY": (
        "days",
        _("days for which samples of a call's quality are kept; after the first a minute's become one"),
    ),
    "ANONYMIZE_AFTER_DAYS": (
        "days",
        _("days after a visit's end after which its name, topic, note, contact and message go; figures stay"),
    ),
    "STUN_URLS": (
        "",
        _(
            "comma-separated stun: addresses that browsers may ask for their own; without any, calls work on one "
            "network"
        ),
    ),
    "TURN_URLS": ("", _("comma-separated turn: and turns: addresses of the relay")),
    "TURN_USERDB": (
        "",
        _(
            "the SQLite file that coturn reads its secrets from (its userdb); without it nobody tells the relay "
            "of a new secret"
        ),
    ),
    "TURN_REALM": ("", _("coturn's realm")),
    "TURN_SECRET_KEY": (
        "",
        _("seals TURN secrets in the database; to change it, new,old, and new alone after the next rotation"),
    ),
    "JOB_WORKERS": ("", _("worker processes")),
    "JOB_TIMEOUT": ("s", _("seconds a job may run")),
    "JOB_REDELIVERY": ("s", _("seconds after which a job whose worker died is handed out again")),
    "JOB_MAX_ATTEMPTS": ("", _("attempts at a failing job")),
    "JOB_RETRY_PAUSE": ("s", _("seconds before the second attempt, doubled for each one after")),
    "OTEL_SERVICE_NAME": ("", _("name of this service in traces")),
    "OTEL_EXPORTER_PROMETHEUS_HOST": ("", _("address of the metrics exporter")),
    "OTEL_EXPORTER_PROMETHEUS_PORT": ("", _("port of the metrics exporter")),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("", _("collector that spans are sent to, such as http://127.0.0.1:4318")),
    "OTEL_TRACES_SAMPLER": (
        "",
        _(
            "which traces are kept beside those that failed or were slow, which are kept always: always_on, "
            "always_off, traceidratio, or one of these after parentbased_; everything is counted"
        ),
    ),
    "OTEL_TRACES_SAMPLER_ARG": ("", _("the share of traces that traceidratio keeps, from 0 to 1")),
    "OTEL_TRACES_EXPORTER": ("", _("whether spans are printed on standard error")),
    "ENABLE_TRACING": ("", _("spans at all")),
    "ENABLE_PROFILING": ("", _("mark and measure; declared metrics count either way")),
    "BOTTLENECK_THRESHOLD_MS": ("ms", _("milliseconds over which a span or a measure counts as slow")),
    "BOTTLENECK_THRESHOLDS": (
        "",
        _(
            "the threshold of names by pattern, the first that fits, in milliseconds: job.*=5000,GET "
            "*=300,desk.claim=50"
        ),
    ),
    "SLOW_QUERY_MS": (
        "ms",
        _(
            "milliseconds from which on a database statement inside a trace is a span of its own, with its text "
            "(no values) and the line that asked; 0: every one. Those that fail always are, and all are counted"
        ),
    ),
    "ADMINARA_URL": (
        "",
        _("where people reach the site, for the links in what is sent, such as https://desk.example.org"),
    ),
    "SLO_REQUESTS": (
        "",
        _(
            "objective: the share of web requests that do not fail and take no longer than the next line says; "
            "more than 0.9306, or the alert could never fire"
        ),
    ),
    "SLO_REQUESTS_MS": ("ms", _("milliseconds within which a request is answered well")),
    "ALERT_EMAILS": ("", _("comma-separated addresses that are told of alerts by e-mail")),
    "ALERT_WEBHOOK_URL": ("", _("address that alerts are posted to")),
    "ALERT_WEBHOOK_SECRET": (
        "",
        _("what they are signed with: whsec_ and the key in base64; docs/operating.md says how to verify them"),
    ),
    "ALERT_TELEGRAM_TOKEN": ("", _("token of the Telegram bot that tells of alerts, from BotFather")),
    "ALERT_TELEGRAM_CHAT": ("", _("the chat it writes to, such as -1001234567890 or @channel")),
    "ALERT_TELEGRAM_URL": ("", _("Telegram's Bot API, or a server of your own that speaks it")),
    "TELEMETRY_KEEP_MEASURES": (
        "",
        _("how long single measures are kept (m minutes, h hours, d days); their figures stay longer"),
    ),
    "TELEMETRY_MOST_MEASURES": ("", _("measures kept at most; the oldest go first")),
    "TELEMETRY_KEEP_SPANS": ("", _("how long spans are kept; those of an exemplar's trace as long as the exemplar")),
    "TELEMETRY_MOST_SPANS": ("", _("spans kept at most; the oldest go first, but for those of exemplars")),
    "TELEMETRY_KEEP_EXEMPLARS": (
        "",
        _("how long links from figures to their slowest and failed traces are kept; after a day the best of each hour"),
    ),
    "TELEMETRY_KEEP_RUNS": ("", _("how long job runs are kept")),
    "TELEMETRY_KEEP_RESULTS": ("", _("how long django-q2's own results are kept")),
    "TELEMETRY_KEEP_PROCESSES": ("", _("how long processes that ended are kept")),
    "TELEMETRY_KEEP_ALERTS": (
        "",
        _("how long alerts that are over, what was sent of them and silences that ended are kept"),
    ),
    "TELEMETRY_KEEP_DEPLOYS": ("", _("how long deployments are kept")),
    "TELEMETRY_KEEP_BY_MINUTE": ("", _("how long figures are kept by the minute")),
    "TELEMETRY_KEEP_BY_TEN_MINUTES": (
        "",
        _("how long figures are kept by ten minutes; not shorter than by the minute"),
    ),
    "TELEMETRY_KEEP_BY_HOUR": ("", _("how long figures are kept by the hour; not shorter than by ten minutes")),
    "TELEMETRY_KEEP_BY_DAY": (
        "",
        _("how long figures are kept by the day; not shorter than by the hour. Lifetime totals stay for ever"),
    ),
    "METRICS_TOKEN": ("", _("bearer token that may read /metrics")),
    "METRICS_USERNAME": ("", _("user that may read /metrics with METRICS_PASSWORD")),
    "METRICS_PASSWORD": ("", _("password of METRICS_USERNAME")),
    "PROMETHEUS_MULTIPROC_DIR": ("", _("where the processes share django-prometheus' series")),
    "ENV_FILE": ("", _("the file of settings")),
}
