from monitoring import scale_checks

IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
IN_REDIS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}


def ids(check):
    return [message.id for message in check() if message.hint]


def test_several_web_processes_need_redis(settings):
    settings.CHANNEL_LAYERS = IN_MEMORY
    assert ids(scale_checks.several_web_processes) == []
    settings.WEB_PROCESSES = 2
    assert ids(scale_checks.several_web_processes) == ["monitoring.E006"]
    settings.CHANNEL_LAYERS = IN_REDIS
    assert ids(scale_checks.several_web_processes) == []


def test_what_is_embedded_is_told_before_a_deployment(settings, monkeypatch):
    settings.CHANNEL_LAYERS = IN_MEMORY
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3"})
    assert ids(scale_checks.what_is_embedded) == ["monitoring.I001", "monitoring.I002"]
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql"})
    settings.CHANNEL_LAYERS = IN_REDIS
    assert ids(scale_checks.what_is_embedded) == []
