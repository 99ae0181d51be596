"""The documentation's screenshots, taken of a simulated desk day. `make pictures` renews them."""

import os
import threading

from playwright.sync_api import expect

from tests.browser.pages import DESK, PANEL
from tests.browser.test_call import said, sees_the_other, take
from tests.browser.test_first_day import join

# Where no pictures are asked for it is tried that they can be taken, on a day of fewer customers and without waiting.
ASKED = "PICTURES" in os.environ
DAY = ("--customers=100", "--speed=200") if ASKED else ("--customers=12", "--speed=1200")
# A drawn person in the camera's place, whom one likes to look at more than the browser's test picture.
PORTRAIT = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {{
  const stream = await ask({{ audio: wanted.audio }});
  const canvas = Object.assign(document.createElement("canvas"), {{ width: 960, height: 540 }});
  const pen = canvas.getContext("2d");
  const [wall, hair, skin, shirt] = {colours};
  const disc = (colour, x, y, across, down) => {{
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(x, y, across, down, 0, 0, 7);
    pen.fill();
  }};
  const draw = () => {{
    pen.fillStyle = wall;
    pen.fillRect(0, 0, 960, 540);
    disc("rgb(255 255 255 / 25%)", 760, 120, 190, 190);
    disc(hair, 480, 225, 125, 150);
    disc(shirt, 480, 590, 260, 190);
    disc(skin, 480, 400, 55, 70);
    disc(skin, 480, 255, 98, 125);
    disc(hair, 480, 150, 104, 50);
    for (const x of [443, 517]) disc("#2b211d", x, 250, 9, 11);
    pen.lineWidth = 7;
    pen.strokeStyle = "#8c4a3c";
    pen.beginPath();
    pen.arc(480, 290, 38, 0.5, 2.65);
    pen.stroke();
  }};
  draw();
  setInterval(draw, 100);
  stream.addTrack(canvas.captureStream(10).getVideoTracks()[0]);
  return stream;
}};"""
STAFF = '["#c9dde0", "#3b2a22", "#d9a27e", "#0b6b74"]'
CUSTOMER = '["#e8dccb", "#7a3b1d", "#f0c7a4", "#5a4a86"]'


SAMPLED_OFTEN = """
document.addEventListener("readystatechange", () => {
  const call = document.getElementById("call");
  if (call) call.dataset.sample = 2_500;
});"""


def at_rest(desk):
    """Nobody's call is left to be written up."""
    button = desk.get_by_role("button", name="Save, and be ready")
    if button.is_visible():
        button.click()
        expect(button).to_be_hidden()


def test_pictures_of_a_busy_desk(people, picture, server):
    assert server.manage("demo_staff", "--count", "3").returncode == 0
    simulation = threading.Thread(
        target=server.manage,
        args=("simulate", *DAY, "--staff=3", f"--url={server.url}", "--seed=3"),
    )
    simulation.start()
    page = people.staff(viewport={"width": 1280, "height": 1400})
    page.goto(DESK)
    at_rest(page)
    if ASKED:
        expect(page.locator("#queue tbody tr").nth(5)).to_be_visible(timeout=60_000)
    picture(page, "desk")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(PANEL)
    expect(page.locator(".mark").first).to_have_text("live")
    if ASKED:
        page.wait_for_timeout(12_000)  # for the numbers of a few minutes
    else:
        simulation.join(120)
    picture(page, "overview")
    page.goto(f"{PANEL}bottlenecks/")
    picture(page, "bottlenecks")
    page.get_by_role("link", name="GET s/", exact=False).first.click()
    expect(page.locator("figure").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1750})
    picture(page, "name")
    page.set_viewport_size({"width": 1280, "height": 900})
    simulation.join(120)
    assert not simulation.is_alive()
    for name, address, scheme in (
        ("traces", f"{PANEL}traces/", "dark"),
        ("jobs", f"{PANEL}jobs/", "light"),
        ("alerts", f"{PANEL}alerts/", "dark"),
        ("board", f"{DESK}board/", "light"),
    ):
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        page.wait_for_timeout(
            1_500 if ASKED else 0
        )  # until colours have changed and moments stand in the viewer's zone
        picture(page, name)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{PANEL}?wall=dark")
    expect(page.locator(".mark").first).to_have_text("live")
    picture(page, "wall")


def test_pictures_of_a_call(people, picture):
    desk, customer = people.staff(viewport={"width": 1280, "height": 1110}), people.person()
    for page, colours in ((desk, STAFF), (customer, CUSTOMER)):
        page.add_init_script(PORTRAIT.format(colours=colours))
        page.add_init_script(SAMPLED_OFTEN)
    desk.goto("/admin/desk/")
    join(customer, "Cy Twombly", "An invoice that I paid twice")
    take(desk, "Cy Twombly")
    for page in (desk, customer):
        expect(said(page)).to_have_text("The call is connected.", timeout=15_000)
        sees_the_other(page)
    for page, text in ((customer, "It is number 2026-118"), (desk, "Found it, the second payment goes back today.")):
        page.fill("#call-text", text)
        page.get_by_role("button", name="Send").click()
        expect(desk.locator("#call .log")).to_contain_text(text)
    desk.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    desk.wait_for_timeout(
        12_000 if ASKED else 0
    )  # until the picture is sharp, and there is something to tell of the line
    picture(desk, "call")
    session = desk.locator("#mine").get_attribute("data-session")
    desk.click("#end")
    expect(desk.locator("#mine")).to_contain_text("You have no customer")
    desk.wait_for_timeout(2_500)  # spans are written once a second
    desk.goto(f"/admin/desk/sessions/{session}/")
    picture(desk, "session")
    desk.locator("a[href*='/traces/']").click()
    expect(desk.locator("body")).to_contain_text("call.first_frame")
    desk.set_viewport_size({"width": 1280, "height": 900})
    picture(desk, "trace")
