// Pages work without this file. With it, filters and links change the page without a reload, the address follows, and
// the page fetches itself anew when the data have changed.
"use strict";
(() => {
  const page = document.getElementById("page");
  if (!page) return;
  document.documentElement.classList.add("script");
  const POLL_MS = 15000;
  const views = /^\/(situation|incident|spread|response|posts)$/;
  const narrow = matchMedia("(max-width:600px)");
  let turn = 0, awaited = 0; // the newest answer that was asked for, and the one that the reader waits for

  function show(address, {push = true, quiet = false, body = null} = {}) {
    const mine = ++turn;
    if (!quiet) awaited = mine;
    return fetched(mine, address, push, quiet, body).finally(() => { if (awaited === mine) awaited = 0; });
  }

  async function fetched(mine, address, push, quiet, body) {
    const focused = document.activeElement && document.activeElement.id;
    let answer;
    try {
      answer = await fetch(address, {method: body ? "POST" : "GET", body, headers: {"X-Fragment": "1", "X-Screen": narrow.matches ? "narrow" : "wide"}, credentials: "same-origin"});
    } catch (fault) {
      if (!quiet && !body) location.assign(address);
      return;
    }
    if (body && !answer.headers.get("X-Page-Title")) { location.reload(); return; }
    if (mine !== turn) return;
    if (answer.redirected || !(answer.headers.get("X-Page-Title"))) { location.assign(address); return; }
    const text = await answer.text();
    if (mine !== turn) return;
    const open = document.getElementById("fold")?.checked;
    point(null);
    page.innerHTML = text;
    page.dataset.version = answer.headers.get("X-Page-Version") || "";
    document.documentElement.lang = answer.headers.get("Content-Language") || document.documentElement.lang;
    document.title = decodeURIComponent(answer.headers.get("X-Page-Title"));
    if (push) { history.pushState({}, "", address); }
    if (push && new URL(address, location).pathname !== location.pathname) scrollTo(0, 0);
    if (document.getElementById("fold")) document.getElementById("fold").checked = open;
    if (focused) document.getElementById(focused)?.focus();
    if (body) { const said = page.querySelector("[role=alert]"); (said || document.getElementById("content"))?.scrollIntoView({block: "nearest"}); }
  }

  function wanted(form) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    return location.pathname + (query.size ? "?" + query : "");
  }

  page.addEventListener("change", event => {
    const form = event.target.form;
    if (!form || !form.classList.contains("filters")) return;
    if (event.target.name === "watch") form.elements.incident && (form.elements.incident.value = "");
    show(wanted(form));
  });
  page.addEventListener("submit", event => {
    const form = event.target;
    if (form.classList.contains("act")) {
      event.preventDefault();
      const said = new URLSearchParams(new FormData(form, event.submitter));
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      show(form.getAttribute("action"), {push: false, body: said});
      return;
    }
    if (!form.classList.contains("filters")) return;
    event.preventDefault();
    show(wanted(form));
  });
  page.addEventListener("click", event => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || !views.test(to.pathname) || to.hash) return;
    event.preventDefault();
    show(to.pathname + to.search);
  });
  // Values of a chart: under the pointer or a finger, and by arrow keys while the chart has the focus.
  const tip = document.body.appendChild(document.createElement("div"));
  tip.className = "tip"; tip.hidden = true; tip.setAttribute("role", "status");
  let held = null;
  function point(hit) {
    if (held) held.classList.remove("at");
    held = hit;
    tip.hidden = !hit;
    if (!hit) return;
    hit.classList.add("at");
    tip.textContent = hit.dataset.said || hit.textContent;
    const box = hit.getBoundingClientRect(), wide = tip.offsetWidth;
    tip.style.left = Math.max(4, Math.min(innerWidth - wide - 4, box.left + box.width / 2 - wide / 2)) + "px";
    tip.style.top = Math.max(4, box.top - tip.offsetHeight - 2) + "px";
  }
  function under(event) {
    const hit = event.target.closest && event.target.closest(".hit");
    const title = hit && hit.querySelector("title");
    if (title) { hit.dataset.said = title.textContent; title.remove(); } // else the browser shows it a second time
    if (hit || (held && !page.querySelector(".course:focus"))) point(hit || null);
  }
  page.addEventListener("pointerover", under);
  page.addEventListener("pointerdown", under);
  page.addEventListener("pointerleave", () => point(null));
  addEventListener("scroll", () => point(null), {passive: true});
  page.addEventListener("focusout", () => point(null));
  page.addEventListener("keydown", event => {
    if (!event.target.classList.contains("course")) return;
    const hits = [...event.target.querySelectorAll(".hit")].filter(one => one.getClientRects().length);
    const steps = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity};
    if (event.key === "Escape") { point(null); return; }
    if (!(event.key in steps) || !hits.length) return;
    event.preventDefault();
    const now = hits.indexOf(held), from = now < 0 ? hits.length : now;
    point(hits[Math.max(0, Math.min(hits.length - 1, from + steps[event.key]))]);
  });
  narrow.addEventListener("change", () => show(location.pathname + location.search, {push: false, quiet: true}));
  addEventListener("popstate", () => show(location.pathname + location.search, {push: false}));

  setInterval(async () => {
    if (document.hidden || page.contains(document.activeElement) && document.activeElement.matches("input,select")) return;
    if ([...page.querySelectorAll(".act input")].some(one => one.value !== one.defaultValue)) return; // words not yet sent
    try {
      const answer = await fetch("/version" + location.search, {credentials: "same-origin"});
      const known = answer.ok && (await answer.text()) === page.dataset.version;
      if (answer.ok && !known && !awaited) // else the old address would take the place of what was just chosen
        show(location.pathname + location.search, {push: false, quiet: true});
    } catch (fault) { /* the server is away; the page stays as it is, and says of when it is */ }
  }, POLL_MS);
})();
