"""A person's browser without a window: cookies, forms and redirects over real HTTP, and what a page says."""

import re
from html import unescape

import httpx
from django.http import HttpResponse

from tests.server import Server


def browser(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, trust_env=False, verify=False, follow_redirects=True, timeout=20)


def text(page: HttpResponse) -> str:
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def form_token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found, page
    return found[1]


def log_in(client: httpx.Client, username: str, password: str) -> None:
    page = client.get("/admin/login/").text
    form = {"username": username, "password": password, "csrfmiddlewaretoken": form_token(page)}
    answer = client.post("/admin/login/?next=/admin/", data=form, headers={"Referer": str(client.base_url)})
    assert answer.url.path == "/admin/", answer.text
