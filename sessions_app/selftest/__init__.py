"""A call of two who are made up, through the running server: does everything work, and how long does each part take?"""

from sessions_app.selftest.devtools import find
from sessions_app.selftest.errors import SelfTestError
from sessions_app.selftest.report import Part, Report
from sessions_app.selftest.run import address, run

__all__ = ["Part", "Report", "SelfTestError", "address", "find", "run"]
