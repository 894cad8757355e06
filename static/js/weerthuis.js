/* Weerthuis in the browser: what a page does beyond links and forms. Everything works without it. */
(() => {
  "use strict";

  const words = document.body.dataset;
  const announcement = document.getElementById("announcement");

  /* Read out once, for those who do not see the place that changed. */
  function announce(sentence) {
    if (!announcement || !sentence) return;
    announcement.textContent = "";
    window.setTimeout(() => { announcement.textContent = sentence; }, 50);
  }

  /* A form that failed: the summary of what is wrong gets the focus. */
  function focusOn(root) {
    const target = root.querySelector("[data-focus]");
    if (target) target.focus();
  }

  /* A form is sent once. A page brought back by the browser may send again, and so may a form that
     fetches a file (data-download): its page stays. What htmx sends itself never comes here. */
  function guard(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-download")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  }

  function release() {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  }

  /* A row that is edited in place says so until the server has answered with the row anew. */
  function markChanged(event) {
    const row = event.target.closest("tr[data-row]");
    if (!row || row.dataset.changed) return;
    row.dataset.changed = "yes";
    const mark = row.querySelector("[data-mark]");
    if (!mark || !row.dataset.changedWord) return;
    mark.className = "wt-state is-warn";
    mark.textContent = row.dataset.changedWord;
  }

  function warnAboutChanges(event) {
    if (document.querySelector("tr[data-changed]") && !document.querySelector("form[data-sent]")) event.preventDefault();
  }

  /* Failures of in-place work are said where messages stand; what was typed stays where it is. */
  function say(sentence) {
    const place = document.getElementById("messages");
    if (!place || !sentence) return;
    const alert = document.createElement("div");
    alert.className = "alert alert-danger";
    alert.setAttribute("role", "alert");
    alert.textContent = sentence;
    place.replaceChildren(alert);
  }

  function settled(event) {
    const place = event.detail.elt;
    if (!place || !place.isConnected) return;
    const telling = place.matches("[data-announce]") ? place : place.querySelector("[data-announce]");
    if (telling) announce(telling.dataset.announce);
    focusOn(place);
  }

  document.addEventListener("submit", guard);
  document.addEventListener("input", markChanged);
  document.addEventListener("change", markChanged);
  window.addEventListener("beforeunload", warnAboutChanges);
  window.addEventListener("pageshow", release);

  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
  document.addEventListener("htmx:afterSettle", settled);
  document.addEventListener("htmx:sendError", () => say(words.lost));
  document.addEventListener("htmx:timeout", () => say(words.lost));
  document.addEventListener("htmx:responseError", () => say(words.failed));

  focusOn(document);
})();
