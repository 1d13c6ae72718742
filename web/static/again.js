// What is not ready yet is asked for again, until it is.
const EVERY_MS = 1000;

async function ask(part) {
  const answer = await fetch(part.dataset.again).catch(() => null);
  if (!part.isConnected) return;
  if (answer?.redirected || answer?.status === 401) return location.reload(); // logged out
  if (answer?.ok) {
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    if (fresh) part.replaceWith(fresh);
  } else part.removeAttribute("data-asked");
  look();
}

function look() {
  for (const part of document.querySelectorAll("[data-again]:not([data-asked])")) {
    part.dataset.asked = "";
    setTimeout(ask, EVERY_MS, part);
  }
}

export function askAgain() {
  document.addEventListener("shown", look);
  look();
}
