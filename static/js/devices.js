// How this browser's user wants to talk: with picture and sound, with sound only or in writing, and through which camera
// and microphone. Remembered for the next call.

const card = document.getElementById("media");
const REMEMBERED = "adminara.call"; // in localStorage
const KINDS = { camera: "videoinput", microphone: "audioinput" };

const choice = { way: "picture", camera: "", microphone: "", ...recalled() };

// A browser may forbid to store anything, and what is stored may be anybody's.
function recalled() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED)) ?? {};
  } catch {
    return {};
  }
}

function remember() {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(choice));
  } catch {
    // Then the choice lives as long as the page.
  }
}

// What to ask the browser for, as getUserMedia takes it.
export function wanted() {
  const device = (id) => (id ? { deviceId: { exact: id } } : true);
  return {
    audio: choice.way !== "chat" && device(choice.microphone),
    video: choice.way === "picture" && device(choice.camera),
  };
}

// Browsers name devices only to pages that were allowed to use one.
export async function list() {
  const found = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const select = card.querySelector(`select[name=${name}]`);
    const known = found.filter((device) => device.kind === kind && device.deviceId && device.label);
    const options = known.map(({ label, deviceId }) => new Option(label, deviceId));
    select.replaceChildren(new Option(select.dataset.any, ""), ...options);
    select.value = known.some(({ deviceId }) => deviceId === choice[name]) ? choice[name] : "";
  }
}

// `changed` is called when the user has chosen otherwise, or a device came or went.
export function offer(changed) {
  const chosen = card.querySelector(`[name=way][value="${CSS.escape(choice.way)}"]`) ?? card.querySelector("[name=way]");
  chosen.checked = true;
  choice.way = chosen.value;
  list();
  card.addEventListener("change", ({ target }) => {
    choice[target.name] = target.value;
    remember();
    changed();
  });
  navigator.mediaDevices?.addEventListener?.("devicechange", async () => {
    await list();
    changed();
  });
}
