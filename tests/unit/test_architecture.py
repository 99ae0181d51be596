"""The rules of the house (CONTRIBUTING.md), read from the code itself."""

import ast
import re
import statistics
from collections.abc import Callable
from pathlib import Path

import monitoring

ROOT = Path(__file__).resolve().parents[2]
APPS = ("adminara", "monitoring", "sessions_app")
FILES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
EDGES = {"views", "staff_views", "endpoints", "consumers", "admin", "jobs"}
DOMAIN = ("lifecycle", "transitions", "sweeping", "duty", "door", "quotes", "queue", "turn", "tokens")
BROAD = {"Exception", "BaseException"}
FOREIGN = ("django.http", "channels", "django_q", "prometheus_client")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Every module that a file imports anywhere, with the names taken from it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def in_app(app: str) -> list[Path]:
    return [path for path in FILES if path.relative_to(ROOT).parts[0] == app]


def offences(paths: list[Path], forbidden: Callable[[str], bool]) -> list[str]:
    return [f"{name_of(path)} imports {name}" for path in paths for name in sorted(imports(path)) if forbidden(name)]


def test_nobody_imports_the_wiring():
    assert not offences(in_app("monitoring") + in_app("sessions_app"), lambda name: name.split(".")[0] == "adminara")


def test_the_panel_knows_nothing_of_the_desk():
    assert not offences(in_app("monitoring"), lambda name: name.split(".")[0] == "sessions_app")


def test_the_desk_uses_the_panels_front_door_only():
    public = {f"monitoring.{name}" for name in monitoring.__all__}
    assert not offences(in_app("sessions_app"), lambda name: name.split(".")[0] == "monitoring" and name not in public)


def test_the_domain_knows_no_edge():
    domain = [ROOT / "sessions_app" / f"{module}.py" for module in DOMAIN]
    assert not offences(domain, lambda name: name.startswith(FOREIGN))


def test_edges_do_not_import_edges():
    edges = [path for path in FILES if path.stem in EDGES or path.parent.name in EDGES]
    assert len(edges) > 6
    assert not offences(edges, lambda name: name.split(".")[0] in APPS and name.split(".")[1:2] in [[e] for e in EDGES])


def test_the_environment_is_read_in_one_place():
    reads = {
        name_of(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert reads == {"adminara/env.py", "adminara/asgi.py"}


def test_errors_are_swallowed_in_one_place():
    """A broad `except` stands in guard.py; elsewhere it must end in a `raise`."""
    swallowing = {
        name_of(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or BROAD.intersection(re.findall(r"\w+", ast.unparse(node.type))))
        and not isinstance(node.body[-1], ast.Raise)
    }
    assert swallowing == {"monitoring/guard.py"}


def test_one_module_writes_the_state_of_a_session():
    def writes_state(path):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        return any(
            isinstance(call.func, ast.Attribute)
            and call.func.attr in {"update", "create", "update_or_create"}
            and any(keyword.arg == "state" for keyword in call.keywords)
            for call in calls
        )

    assert [name_of(path) for path in in_app("sessions_app") if writes_state(path)] == ["sessions_app/transitions.py"]


def test_files_and_functions_stay_small():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in FILES}
    assert not {name: length for name, length in lengths.items() if length > 300}
    assert statistics.median(length for length in lengths.values() if length) <= 100
    functions = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: length for name, length in functions.items() if length > 50}
    assert statistics.median(functions.values()) <= 10


def test_the_top_level_is_what_it_is_meant_to_be():
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"var", "__pycache__"}
    assert tracked <= {
        *APPS,
        *("templates", "static", "tests", "deploy", "docs"),
        *("manage.py", "requirements.txt", "requirements-dev.txt", "pyproject.toml", "Makefile", "Procfile"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    }
