"""A real nginx in front, configured as deploy/ says: TLS, WebSockets, and addresses that a client cannot forge."""

import asyncio
import datetime as dt
import json
import shutil
import ssl
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.server import ROOT, free_port, serving
from tests.services.test_news import token_in
from tests.web import form_token

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian's nginx-light)")
NAME = "desk.example.org"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/adminara.conf;
}}
"""


def certificate(folder):
    """One that the proxy shows, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The installation as in production, and the port of the proxy before it."""
    folder, port, plain = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    in_production = {
        "ADMINARA_ENV": "production",
        "TRUSTED_PROXIES": "1",
        "ALLOWED_HOSTS": f"{NAME},127.0.0.1",  # by which the tests see that it is up
        "CSRF_TRUSTED_ORIGINS": f"https://{NAME}:{port}",
        "DESK_JOINS_PER_MINUTE": "3",
    }
    certificate(folder)
    (folder / "logs").mkdir()
    with serving(folder / "adminara", **in_production) as server:
        text = (ROOT / "deploy/nginx/adminara.conf").read_text()
        for old, new in {
            "127.0.0.1:8000": f"127.0.0.1:{server.port}",
            "listen 443 ssl http2": f"listen 127.0.0.1:{port} ssl http2",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "    listen [::]:443 ssl http2;\n": "",
            "    listen [::]:80;\n": "",
            f"/etc/letsencrypt/live/{NAME}": str(folder),
            "/var/log/nginx": str(folder / "logs"),
            "Host              $host;": "Host              $http_host;",  # the port is not 443 here
        }.items():
            assert old in text
            text = text.replace(old, new)
        (folder / "adminara.conf").write_text(text)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        try:
            yield port, plain, folder, server
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def coming_from(address, port):
    """A browser on another machine, as far as the proxy sees."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # the name leads to this machine only here
    headers = {"Host": f"{NAME}:{port}", "Referer": f"https://{NAME}:{port}/", "Origin": f"https://{NAME}:{port}"}
    transport = httpx.HTTPTransport(verify=trust, local_address=address, retries=10)
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", headers=headers, transport=transport, timeout=20) as opened:
        opened.trust = trust
        yield opened


@pytest.fixture
def client(proxy):
    with coming_from("127.0.0.1", proxy[0]) as opened:
        yield opened


def join(client, **headers):
    """Join as somebody who comes here for the first time."""
    client.cookies.clear()
    token = form_token(client.get("/").text)
    return client.post("/", data={"name": "Cy", "csrfmiddlewaretoken": token}, headers=headers)


async def first_kinds(client, port, token, origin=None):
    """What the first two messages of a customer's socket are. The socket is read and written by one thread: from two,
    as websockets' other client does it, TLS of Python 3.11 loses a request now and then."""
    address, origin = f"wss://127.0.0.1:{port}/ws/visit/", origin or f"https://{NAME}:{port}"
    async with connect(address, ssl=client.trust, origin=origin, proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token}))
        return [json.loads(await asyncio.wait_for(socket.recv(), 10))["type"] for _ in range(2)]


def test_a_customer_joins_and_hears_of_their_place(client, proxy):
    port, *_ = proxy
    joined = join(client)
    assert joined.status_code == 303
    page = client.get(joined.headers["Location"])
    assert "Secure" in client.get("/").headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"]
    kinds = asyncio.run(first_kinds(client, port, token_in(page.text)))
    assert kinds == ["hello", "state"]


def test_who_forges_an_address_is_counted_as_who_they_are(proxy):
    with coming_from("127.0.0.2", proxy[0]) as forger:
        answers = [join(forger, **{"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in range(5)]
    assert answers == [303, 303, 303, 429, 429]


def test_plain_http_leads_to_https_and_metrics_are_not_for_outside(client, proxy):
    _port, plain, *_ = proxy
    answer = httpx.get(f"http://127.0.0.1:{plain}/s/a-link", headers={"Host": NAME}, trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}/s/a-link")
    assert client.get("/metrics").status_code == 404


def test_another_site_opens_no_socket_and_another_name_gets_no_page(client, proxy):
    port, *_ = proxy
    assert client.get("/", headers={"Host": "evil.example.org"}).status_code in {301, 400}
    with pytest.raises(InvalidStatus, match="403"):
        asyncio.run(first_kinds(client, port, "none", origin="https://evil.example.org"))


def test_no_log_tells_the_link_of_a_customer(client, proxy):
    _port, plain, folder, _server = proxy
    httpx.get(f"http://127.0.0.1:{plain}/s/my-link/", headers={"Host": NAME}, trust_env=False)
    client.get("/s/my-link/")
    assert client.post("/s/my-link/message/", content=b"x" * 1_100_000).status_code == 413  # an error, to nginx
    logs = [*folder.glob("*.log"), *(folder / "logs").iterdir()]
    assert [log.name for log in logs if "my-link" in log.read_text()] == []


def test_the_image_asks_a_server_in_production_whether_it_is_well(proxy):
    *_, server = proxy
    dockerfile = (ROOT / "deploy/docker/Dockerfile").read_text().replace("\\\n", "")
    program, *arguments = json.loads(dockerfile.split("HEALTHCHECK", 1)[1].split("CMD", 1)[1].splitlines()[0])
    assert program == "python"
    answers = []
    for port in (server.port, free_port()):
        asked = [argument.replace(":8000/", f":{port}/") for argument in arguments]
        environment = {"ALLOWED_HOSTS": f"{NAME},web"}
        answers.append(subprocess.run([sys.executable, *asked], env=environment, capture_output=True).returncode)
    assert answers == [0, 1]
