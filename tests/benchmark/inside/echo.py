"""The least that two pages need for a call: what one says over a bare Channels group, the other hears.

Served by `uvicorn tests.benchmark.inside.echo:application`. The page makes the same call as ours: sound, picture and a
channel for text, captured before, offered by the one that comes second, candidates told as they are found. It shows its
own picture too, as every page with a call does: to draw it takes the browser more than all the signalling.
"""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

PAGE = """<!doctype html><title>bare</title><video autoplay muted></video><video id="own" autoplay muted></video>
<script>
let pc, socket, media, asked = {};
async function prepare() {
  media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  document.getElementById("own").srcObject = media;
  socket = new WebSocket(`ws://${location.host}/echo/`);
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  await new Promise((resolve) => { socket.onopen = resolve; });
}
const say = (message) => socket.send(JSON.stringify(message));
function connect(offers) {
  const began = performance.now();
  pc = new RTCPeerConnection({ iceServers: [] });
  pc.ontrack = ({ streams }) => { document.querySelector("video").srcObject = streams[0]; };
  pc.onicecandidate = ({ candidate }) => candidate && say({ candidate });
  pc.onconnectionstatechange = () => {
    if (pc.connectionState === "connected") window.took ??= performance.now() - began;
  };
  pc.createDataChannel("chat", { negotiated: true, id: 0 });
  if (offers) pc.onnegotiationneeded = async () => {
    await pc.setLocalDescription();
    say({ description: pc.localDescription });
  };
  for (const track of media.getTracks()) pc.addTrack(track, media);
}
let steps = Promise.resolve();
function hear(message) { steps = steps.then(() => follow(message)); }
async function follow({ description, candidate }) {
  if (candidate) return pc.addIceCandidate(candidate);
  if (!pc) connect(false);
  await pc.setRemoteDescription(description);
  if (description.type === "offer") {
    await pc.setLocalDescription();
    say({ description: pc.localDescription });
  }
}
</script>"""


class Echo(AsyncWebsocketConsumer):
    groups = ["all"]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = {"type": "said", "text": text_data, "by": self.channel_name}
        await self.channel_layer.group_send("all", message)

    async def said(self, event: dict[str, str]) -> None:
        if event["by"] != self.channel_name:
            await self.send(event["text"])


async def page(_scope, receive, send) -> None:
    await receive()
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE.encode()})


application = ProtocolTypeRouter({"http": page, "websocket": URLRouter([path("echo/", Echo.as_asgi())])})
