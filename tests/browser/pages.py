"""Every staff page, with an address that shows something: what must hold for all of them is tried on all of them."""

PANEL, DESK = "/admin/monitoring/panel/", "/admin/desk/"
PAGES = {
    "overview": PANEL,
    "bottlenecks": f"{PANEL}bottlenecks/",
    "traces": f"{PANEL}traces/",
    "jobs": f"{PANEL}jobs/",
    "processes": f"{PANEL}processes/",
    "console": DESK,
    "sessions": f"{DESK}sessions/",
    "setup": f"{DESK}sessions/setup/",
    "admin": "/admin/",
    "spans in the admin": "/admin/monitoring/span/",
}
