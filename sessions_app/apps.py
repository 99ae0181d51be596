from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = _("Support desk")

    def ready(self) -> None:
        from monitoring import declare, register_gauges, register_verdicts
        from sessions_app import actions, gauges, instruments, listeners, outcomes, verdicts
        from sessions_app import checks as _checks  # noqa: F401 -- registers itself

        declare(*instruments.ALL)
        register_gauges(gauges.read_now, live=True)
        register_gauges(gauges.read_past)
        register_verdicts(verdicts.told)
        actions.register()
        outcomes.register()
        listeners.connect()
