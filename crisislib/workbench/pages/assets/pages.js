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
  let turn = 0;

  async function show(address, {push = true, quiet = false, body = null} = {}) {
    const mine = ++turn;
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
  narrow.addEventListener("change", () => show(location.pathname + location.search, {push: false, quiet: true}));
  addEventListener("popstate", () => show(location.pathname + location.search, {push: false}));

  setInterval(async () => {
    if (document.hidden || page.contains(document.activeElement) && document.activeElement.matches("input,select")) return;
    try {
      const answer = await fetch("/version" + location.search, {credentials: "same-origin"});
      if (answer.ok && (await answer.text()) !== page.dataset.version)
        show(location.pathname + location.search, {push: false, quiet: true});
    } catch (fault) { /* the server is away; the page stays as it is, and says of when it is */ }
  }, POLL_MS);
})();
