// Pages are fetched and their content put in place, so that what plays is not torn off.
let running = null;

const plain = (element) =>
  element.closest("[data-plain]") || element.hasAttribute("download") || element.target;

export async function show(address, { push = true, body = null, keep = false } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  document.body.classList.add("loading");
  try {
    const answer = await fetch(address, { method: body ? "POST" : "GET", body, signal: mine.signal });
    const kind = answer.headers.get("Content-Type") ?? "";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!kind.startsWith("text/html") || !page.getElementById("player")) {
      location.assign(answer.url); // logged out, or no page at all
      return;
    }
    if (push && (!body || answer.redirected)) history.pushState(null, "", answer.url);
    put(page, keep, new URL(answer.url).hash || new URL(address, location.href).hash);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(body ? location.href : address);
  } finally {
    if (running === mine) document.body.classList.remove("loading");
  }
}

function put(page, keep, hash) {
  document.title = page.title;
  const main = document.getElementById("main");
  main.replaceWith(page.getElementById("main"));
  document.querySelector(".tabs").replaceWith(page.querySelector(".tabs"));
  if (!keep) {
    const there = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (there) there.scrollIntoView();
    else scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("shown"));
}

export function browse() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || plain(link)) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const there = new URL(link.href);
    if (there.origin !== location.origin) return;
    if (there.hash && there.pathname === location.pathname && there.search === location.search) return;
    event.preventDefault();
    show(link.href);
  });
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || plain(form) || (submitter && plain(submitter))) return;
    event.preventDefault();
    const fields = new FormData(form, submitter);
    if (form.method === "post") {
      show(form.action, { body: form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields) });
      return;
    }
    const there = new URL(form.action);
    for (const [name, value] of fields) if (value) there.searchParams.set(name, value);
    show(there.href);
  });
  addEventListener("popstate", () => show(location.href, { push: false }));
}
